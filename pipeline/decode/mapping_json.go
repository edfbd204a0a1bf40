package decode

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Objects returns a function that turns one JSON object into a contact's JSON.
// It holds state and is for one goroutine that gives it every line of the file
// in order. An error means that the line is no JSON object.
func (m *Mapping) Objects() func(line []byte) ([]byte, error) {
	seen := ordinals{}
	return func(line []byte) ([]byte, error) {
		dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(line, bom)))
		dec.UseNumber()
		var object map[string]any
		if dec.Decode(&object) != nil || object == nil || dec.More() {
			return nil, fail(voc.ReasonSyntax, "")
		}
		id := ""
		if m.spec.ID == nil {
			id = seen.id([]string{string(bytes.TrimSpace(line))})
		}
		get := func(path string) cell { return m.leaf(lookup(object, path)) }
		b := m.contact(id, get, func(path string) string { return path })
		if m.spec.Turns == nil {
			return b, nil
		}
		w := writer{b: b[:len(b)-1]}
		m.turns(&w, lookup(object, m.spec.Turns.Path))
		return append(w.b, '}'), nil
	}
}

// lookup follows a path; a name that holds dots itself is found too.
func lookup(v any, path string) any {
	switch node := v.(type) {
	case map[string]any:
		if child, ok := node[path]; ok {
			return child
		}
		for i := range len(path) {
			if path[i] != '.' {
				continue
			}
			if child, ok := node[path[:i]]; ok {
				return lookup(child, path[i+1:])
			}
		}
	case []any:
		head, rest, more := strings.Cut(path, ".")
		if i, err := strconv.Atoi(head); err == nil && i >= 0 && i < len(node) {
			if more {
				return lookup(node[i], rest)
			}
			return node[i]
		}
	}
	return nil
}

// leaf makes a cell of a JSON value.
func (m *Mapping) leaf(v any) cell {
	switch v := v.(type) {
	case nil:
		return cell{}
	case string:
		return m.cell(v)
	case json.Number:
		return m.cell(v.String())
	case bool:
		return m.cell(strconv.FormatBool(v))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return cell{} // cannot happen: it came from JSON
	}
	return cell{json: b}
}

// turns writes the elements of an array as turns; what is no array or object
// is passed on for the schema's decoder to refuse.
func (m *Mapping) turns(w *writer, v any) {
	list, ok := v.([]any)
	if !ok {
		w.text("turns", m.leaf(v))
		return
	}
	spec := m.spec.Turns
	w.open("turns", '[', ']', func() {
		for _, e := range list {
			if _, ok := e.(map[string]any); !ok {
				w.value(m.leaf(e))
				continue
			}
			w.comma()
			w.b = append(w.b, '{')
			get := func(path string) cell { return m.leaf(lookup(e, path)) }
			w.text("speaker", column{spec.Speaker, spec.Speakers}.get(get))
			if at := get(spec.At); spec.At != "" && !at.empty() {
				w.text("at", cell{text: m.moment(at.text+string(at.json), moment{})})
			}
			w.text("text", get(spec.Text))
			w.b = append(w.b, '}')
		}
	})
}
