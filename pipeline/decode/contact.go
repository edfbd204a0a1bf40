package decode

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

const (
	schemaContact = "koe.contact/1"
	schemaDelete  = "koe.delete/1"
)

var bom = []byte("\ufeff")

// contact reads an object of contact schema v1. A channel that is not empty is
// the only one allowed and stands in if the object has none.
func contact(value []byte, channel voc.Channel) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	return r.contactOf(channel)
}

func (r *reader) contactOf(channel voc.Channel) ([]voc.Change, error) {
	if err := r.fields(r.field); err != nil {
		return nil, err
	}
	if r.schema == schemaDelete {
		return r.delete()
	}
	c := &r.contact
	if c.Channel == "" {
		c.Channel = channel
	}
	switch {
	case c.ID.Empty():
		return nil, fail(voc.ReasonMissing, "id")
	case c.Source.Empty():
		return nil, fail(voc.ReasonMissing, "source")
	case c.Channel == "":
		return nil, fail(voc.ReasonMissing, "channel")
	case channel != "" && c.Channel != channel:
		return nil, fail(voc.ReasonValue, "channel")
	}
	return r.upsert(), nil
}

func (r *reader) delete() ([]voc.Change, error) {
	for _, name := range r.given {
		switch name {
		case "schema", "source", "id", "updated_at":
		default:
			if !r.lenient {
				return nil, fail(voc.ReasonUnknown, name)
			}
		}
	}
	switch {
	case r.contact.ID.Empty():
		return nil, fail(voc.ReasonMissing, "id")
	case r.contact.Source.Empty():
		return nil, fail(voc.ReasonMissing, "source")
	}
	return r.remove(), nil
}

// tombstone reads the key of a message without a value.
func tombstone(key []byte) ([]voc.Change, error) {
	switch {
	case len(key) > 2*MaxShort:
		return nil, fail(voc.ReasonTooLarge, "key")
	case bytes.HasPrefix(bytes.TrimSpace(key), []byte("{")):
		r, err := open(key)
		if err == nil {
			err = r.fields(r.field)
		}
		if err == nil {
			var c []voc.Change
			if c, err = r.delete(); err == nil {
				return c, nil
			}
		}
		return nil, within(err, "key")
	}
	source, id, ok := bytes.Cut(key, []byte("/"))
	c := voc.Contact{Source: voc.NewRaw(cleanShort(string(source))), ID: voc.NewRaw(cleanShort(string(id)))}
	if !ok || c.Source.Empty() || c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "key")
	}
	return []voc.Change{{Delete: true, Contact: c}}, nil
}

// Key returns the key under which the versions of a contact keep their order
// in a topic, and which as a tombstone's key deletes it: "source/id", or an
// object if the source holds a "/". It is nil if value is no contact with both.
func Key(value []byte) []byte {
	var source, id string
	r, err := open(value)
	if err != nil {
		return nil
	}
	for _, f := range []struct {
		name string
		to   *string
	}{{"source", &source}, {"id", &id}} {
		r.at = 0
		if r.fields(func(name string) error {
			if name == f.name && r.kind() == '"' {
				*f.to = cleanShort(r.text())
			} else {
				r.skip()
			}
			return nil
		}) != nil || *f.to == "" {
			return nil
		}
	}
	if !bytes.ContainsRune([]byte(source), '/') {
		return []byte(source + "/" + id)
	}
	key := append([]byte(`{"source":`), appendString(nil, source)...)
	key = append(append(key, `,"id":`...), appendString(nil, id)...)
	return append(key, '}')
}

// reader reads one object of the schema into contact.
type reader struct {
	cursor
	contact voc.Contact
	pairs   []pair // the attributes read so far
	lenient bool   // names that the schema does not have are passed over
	schema  string
	given   []string // the names read so far, all of the schema
}

// open checks the syntax; the cursor then walks without errors.
func open(value []byte) (*reader, error) {
	value = bytes.TrimPrefix(value, bom)
	if !json.Valid(value) {
		return nil, fail(voc.ReasonSyntax, "")
	}
	return &reader{cursor: cursor{data: value}}, nil
}

func (r *reader) fields(visit func(name string) error) error {
	if r.kind() != '{' {
		return fail(voc.ReasonType, "")
	}
	return r.object(visit)
}

// field reads the value of one name of the schema.
func (r *reader) field(name string) error {
	c := &r.contact
	if slices.Contains(r.given, name) {
		return fail(voc.ReasonValue, name)
	}
	var err error
	switch name {
	case "schema":
		err = r.schemaName()
	case "id":
		err = r.short(&c.ID)
	case "source":
		err = r.short(&c.Source)
	case "channel":
		err = r.channel()
	case "direction":
		err = r.direction()
	case "occurred_at":
		err = r.time(&c.OccurredAt)
	case "ended_at":
		err = r.time(&c.EndedAt)
	case "updated_at":
		err = r.time(&c.UpdatedAt)
	case "categories":
		err = r.categories()
	case "attrs":
		err = r.attrs()
	case "nps":
		err = r.number(&c.NPS, 0, 10)
	case "csat":
		err = r.number(&c.CSAT, 1, 5)
	case "handling":
		err = r.handling()
	case "turns":
		err = r.turns()
	case "parts":
		err = r.parts()
	default:
		var to *voc.Raw
		var words bool
		if to, words = stringField(c, name); to == nil && r.lenient {
			return r.over()
		} else if to == nil {
			return fail(voc.ReasonUnknown, "")
		}
		if words {
			err = r.words(to)
		} else {
			err = r.short(to)
		}
	}
	r.given = append(r.given, name)
	return within(err, name)
}

// stringField returns the field that a name stands for, and whether it holds
// words.
func stringField(c *voc.Contact, name string) (to *voc.Raw, words bool) {
	switch name {
	case "customer_key":
		return &c.CustomerKey, false
	case "thread_id":
		return &c.ThreadID, false
	case "product":
		return &c.Product, false
	case "lot":
		return &c.Lot, false
	case "shop":
		return &c.Shop, false
	case "queue":
		return &c.Queue, false
	case "agent_key":
		return &c.AgentKey, false
	case "disposition":
		return &c.Disposition, false
	case "note":
		return &c.Note, true
	case "answer":
		return &c.Answer, true
	case "text":
		return &c.Text, true
	}
	return nil, false
}
