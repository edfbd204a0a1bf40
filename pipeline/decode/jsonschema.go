package decode

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/koe-voc/koe/pipeline/voc"
)

// jsonSchema is a compiled schema with the names that stand in its text.
type jsonSchema struct {
	schema *jsonschema.Schema
	texts  [][2]string
}

// parseJSONSchema compiles a schema; it loads nothing but what it is given.
func parseJSONSchema(texts [][2]string) (jsonSchema, error) {
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	name := ""
	for _, t := range texts {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(t[1]))
		if err != nil {
			return jsonSchema{}, fmt.Errorf("parse schema %s: %w", t[0], err)
		}
		name = "koe:/" + t[0]
		if err := c.AddResource(name, doc); err != nil {
			return jsonSchema{}, fmt.Errorf("add schema %s: %w", t[0], err)
		}
	}
	s, err := c.Compile(name)
	if err != nil {
		return jsonSchema{}, fmt.Errorf("compile schema %s: %w", texts[len(texts)-1][0], err)
	}
	return jsonSchema{s, texts}, nil
}

// jsonSchema reads JSON behind Confluent's schema id. It is held against the
// schema; the error names the first value that does not fit. The names are those
// of contact schema v1, or whatever the topic's mapping names; others are passed
// over.
func (d *Decoder) jsonSchema(m voc.Message) ([]voc.Change, error) {
	id, payload, err := wire(m.Value)
	if err != nil {
		return nil, err
	}
	s, err := d.jsonSchemas.get(id)
	if err != nil {
		return nil, err
	}
	// The package's own reader first: it bounds the depth that the library would
	// follow.
	r, err := open(payload)
	if err != nil {
		return nil, err
	}
	if !r.skip() {
		return nil, fail(voc.ReasonTooLarge, "")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.data))
	if err != nil {
		return nil, fail(voc.ReasonSyntax, "")
	}
	if err := s.schema.Validate(doc); err != nil {
		return nil, fail(voc.ReasonValue, s.path(err))
	}
	return d.object(m, payload)
}

// path writes where the first fault lies. A name that does not stand in the
// schema came with the message and is not shown.
func (s jsonSchema) path(err error) string {
	fault, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return ""
	}
	for len(fault.Causes) > 0 {
		fault = fault.Causes[0]
	}
	var b strings.Builder
	for _, name := range fault.InstanceLocation {
		switch {
		case strings.Trim(name, "0123456789") == "" && len(name) < 8:
			b.WriteString("[" + name + "]")
			continue
		case !slices.ContainsFunc(s.texts, func(t [2]string) bool { return strings.Contains(t[1], `"`+name+`"`) }):
			name = "*"
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}
