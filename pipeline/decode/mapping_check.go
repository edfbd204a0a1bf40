package decode

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// check reports the first thing that cannot work.
func (s *spec) check() error {
	switch {
	case s.Mapping != schemaMapping:
		return fmt.Errorf("write the line mapping: %s", schemaMapping)
	case s.Source.empty():
		return errors.New("source: required; write the name of the system that the file comes from")
	case s.Channel.empty():
		return errors.New("channel: required; write one such as survey, or {column: …, values: {電話: call}}")
	case len(s.Text)+len(s.Note)+len(s.Answer)+len(s.Parts) == 0 && s.Turns == nil:
		return errors.New("no words: name the columns that hold them in text, note, answer, parts or turns")
	case s.Layout.SkipRows < 0:
		return errors.New("skip_rows: want 0 or more")
	case len(s.Parts) > MaxParts:
		return fmt.Errorf("parts: want at most %d", MaxParts)
	case !slices.Contains([]string{"", "utf-8", "utf-16", "cp932"}, s.Layout.Encoding):
		return fmt.Errorf("encoding: %q; write utf-8, utf-16 or cp932, or leave it out", s.Layout.Encoding)
	}
	for _, v := range append(slices.Collect(maps.Values(s.Channel.Values)), s.Channel.Const, s.Channel.Default) {
		if _, ok := channelOf(v); !ok && v != "" {
			return fmt.Errorf("channel: %q; write call, chat, mail, form, sns, survey or video", v)
		}
	}
	for _, m := range []struct {
		key string
		moment
	}{{"occurred_at", s.OccurredAt}, {"ended_at", s.EndedAt}, {"updated_at", s.UpdatedAt}} {
		if err := checkForms(m.Formats); err != nil {
			return fmt.Errorf("%s: %w", m.key, err)
		}
		if m.Day < 0 || m.Day > 28 {
			return fmt.Errorf("%s: day %d; want 1 to 28, which every month has", m.key, m.Day)
		}
	}
	for key := range s.Handling {
		if !slices.Contains(handlingKeys(), key) {
			return fmt.Errorf("handling: %q; write some of %s", key, strings.Join(handlingKeys(), ", "))
		}
	}
	return s.checkWords()
}

func (s *spec) checkWords() error {
	for i, p := range s.Parts {
		if p.Column == "" || p.Question != "" && p.QuestionColumn != "" {
			return fmt.Errorf("parts: number %d wants a column, and question or question_column but not both", i+1)
		}
	}
	if t := s.Turns; t != nil && (t.Path == "" || t.Speaker == "" || t.Text == "") {
		return errors.New("turns: path, speaker and text are required")
	}
	return nil
}

func handlingKeys() []string {
	return []string{"wait_seconds", "talk_seconds", "hold_seconds", "after_call_seconds", "transfers"}
}

func (f fixed) empty() bool { return f.Const == "" && f.Column == "" && f.Default == "" }

// columns lists every column that the mapping names, each once.
func (s *spec) columns() []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if n != "" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	add(s.Source.Column, s.Channel.Column, s.Direction.Column)
	add(s.ID...)
	for _, m := range []moment{s.OccurredAt, s.EndedAt, s.UpdatedAt} {
		add(m.Columns...)
	}
	for _, c := range []column{s.CustomerKey, s.ThreadID, s.Product, s.Lot, s.Shop, s.Queue, s.AgentKey, s.Disposition, s.NPS, s.CSAT} {
		add(c.Column)
	}
	for _, c := range s.Categories {
		add(c...)
	}
	for _, m := range []map[string]column{s.Attrs, s.Handling} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			add(m[k].Column)
		}
	}
	add(s.Note...)
	add(s.Answer...)
	add(s.Text...)
	for _, p := range s.Parts {
		add(p.Column, p.QuestionColumn)
	}
	return out
}

// UnmarshalYAML takes a name for the column.
func (c *column) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&c.Column)
	}
	type bare column
	return strict(n, (*bare)(c), "column", "values")
}

// UnmarshalYAML takes a scalar for the constant.
func (f *fixed) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&f.Const)
	}
	type bare fixed
	return strict(n, (*bare)(f), "column", "values", "default")
}

// UnmarshalYAML takes a name for a list of one.
func (c *names) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*c = names{n.Value}
		return nil
	}
	return n.Decode((*[]string)(c))
}

// UnmarshalYAML takes a name, or a list of names, for the columns.
func (m *moment) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return m.Columns.UnmarshalYAML(n)
	}
	type bare moment
	return strict(n, (*bare)(m), "columns", "formats", "day")
}

// UnmarshalYAML takes a name for the column.
func (p *part) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&p.Column)
	}
	type bare part
	return strict(n, (*bare)(p), "column", "question", "question_column")
}

// strict decodes n and refuses keys that are not listed: a node's Decode does
// not know that its document is to be strict.
func strict(n *yaml.Node, out any, keys ...string) error {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if !slices.Contains(keys, n.Content[i].Value) {
				return fmt.Errorf("line %d: unknown key %q; write some of %s", n.Content[i].Line, n.Content[i].Value, strings.Join(keys, ", "))
			}
		}
	}
	return n.Decode(out)
}
