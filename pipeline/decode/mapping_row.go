package decode

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/koe-voc/koe/pipeline/voc"
)

// cell is what a column holds: a text, or a JSON array or object, which is
// passed on so that the schema's decoder refuses it by its field.
type cell struct {
	text string
	json []byte
}

func (c cell) empty() bool { return c.text == "" && c.json == nil }

// source gives the cell of a column.
type source func(column string) cell

// Rows binds the mapping to the header of one file. The function that it
// returns turns a row into a contact's JSON; it holds state and is for one
// goroutine that gives it every row of the file in order. A row without any
// text gives an empty value. An error means that the row does not fit the
// header: cells are missing, or too many are there. Rows itself fails if the
// header lacks a column.
//
// Without an id the function keeps about 40 bytes for each different row.
func (m *Mapping) Rows(header []string) (func(cells []string) ([]byte, error), error) {
	at := columnIndex(header)
	for _, name := range m.spec.columns() {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("the mapping names the column %q, which is none of the file's %d; column#N names one by its place", name, len(header))
		}
	}
	if m.spec.Turns != nil {
		return nil, errors.New("the mapping has turns, which rows of cells cannot hold; use it for JSON Lines")
	}
	seen := ordinals{}
	width := len(header)
	return func(cells []string) ([]byte, error) {
		blank := true
		for i, c := range cells {
			if strings.TrimSpace(c) == "" {
				continue
			}
			if blank = false; i >= width {
				return nil, fail(voc.ReasonSyntax, "")
			}
		}
		switch {
		case blank:
			return []byte{}, nil
		case len(cells) < width && !m.spec.ShortRows:
			return nil, fail(voc.ReasonSyntax, "")
		}
		id := ""
		if m.spec.ID == nil {
			id = seen.id(cells)
		}
		return m.contact(id, func(column string) cell {
			i := at[column]
			if i >= len(cells) {
				return cell{}
			}
			return m.cell(cells[i])
		}, func(column string) string { return cleanHeader(header[at[column]]) }), nil
	}, nil
}

// columnIndex names every column: by its header, by name#2 from its second
// occurrence on, and by column#7.
func columnIndex(header []string) map[string]int {
	at := make(map[string]int, 2*len(header))
	count := map[string]int{}
	for i, h := range header {
		name := cleanHeader(h)
		at["column#"+strconv.Itoa(i+1)] = i
		if name == "" {
			continue
		}
		count[name]++
		if n := count[name]; n == 1 {
			at[name] = i
		} else {
			at[name+"#"+strconv.Itoa(n)] = i
		}
	}
	return at
}

func cleanHeader(h string) string { return strings.TrimSpace(clean(h)) }

// cell applies escapes and no_answer.
func (m *Mapping) cell(text string) cell {
	if m.spec.Escapes && strings.Contains(text, `\`) {
		text = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "", `\t`, "\t").Replace(text)
	}
	if t := strings.TrimSpace(text); t == "" || m.none[t] {
		return cell{}
	}
	return cell{text: text}
}

// ordinals counts equal rows.
type ordinals map[uint64]uint32

// id is the hash of the content and the number of equal rows before. The
// counter goes by half of the hash: a collision in it costs an ordinal that is
// too high, and no id stands twice.
func (o ordinals) id(cells []string) string {
	h := sha256.New()
	var n [8]byte
	for _, c := range cells {
		binary.LittleEndian.PutUint64(n[:], uint64(len(c)))
		h.Write(n[:])
		h.Write([]byte(c))
	}
	sum := h.Sum(nil)
	k := binary.LittleEndian.Uint64(sum)
	i := o[k]
	o[k]++
	return "row-" + hex.EncodeToString(sum[:16]) + "-" + strconv.FormatUint(uint64(i), 10)
}

// contact writes the JSON of one contact. id is empty if it comes from columns;
// title gives the header of a column.
func (m *Mapping) contact(id string, get source, title func(column string) string) []byte {
	s := &m.spec
	w := writer{b: make([]byte, 0, 1024)}
	w.b = append(w.b, '{')
	if m.spec.ID != nil {
		id = join(s.ID, "-", get)
	}
	w.text("id", cell{text: id})
	w.text("source", s.Source.get(get))
	w.text("channel", s.Channel.get(get))
	w.text("direction", s.Direction.get(get))
	for _, f := range []struct {
		name string
		moment
	}{{"occurred_at", s.OccurredAt}, {"ended_at", s.EndedAt}, {"updated_at", s.UpdatedAt}} {
		w.text(f.name, m.time(f.moment, get))
	}
	for _, f := range []struct {
		name string
		column
	}{
		{"customer_key", s.CustomerKey},
		{"thread_id", s.ThreadID},
		{"product", s.Product},
		{"lot", s.Lot},
		{"shop", s.Shop},
		{"queue", s.Queue},
		{"agent_key", s.AgentKey},
		{"disposition", s.Disposition},
	} {
		w.text(f.name, f.get(get))
	}
	w.number("nps", s.NPS.get(get))
	w.number("csat", s.CSAT.get(get))
	m.groups(&w, get)
	m.words(&w, get, title)
	return append(w.b, '}')
}

// groups writes the fields that hold several values of one kind.
func (m *Mapping) groups(w *writer, get source) {
	w.open("categories", '[', ']', func() {
		for _, path := range m.spec.Categories {
			if c := join(path, "/", get); c != "" {
				w.value(cell{text: c})
			}
		}
	})
	w.open("attrs", '{', '}', func() {
		for _, name := range slices.Sorted(maps.Keys(m.spec.Attrs)) {
			w.text(name, m.spec.Attrs[name].get(get))
		}
	})
	w.open("handling", '{', '}', func() {
		for _, name := range slices.Sorted(maps.Keys(m.spec.Handling)) {
			w.number(name, m.spec.Handling[name].get(get))
		}
	})
}

func (m *Mapping) words(w *writer, get source, title func(column string) string) {
	for _, f := range []struct {
		name string
		names
	}{{"note", m.spec.Note}, {"answer", m.spec.Answer}, {"text", m.spec.Text}} {
		if len(f.names) == 1 {
			w.text(f.name, get(f.names[0]))
		} else {
			w.text(f.name, cell{text: join(f.names, "\n", get)})
		}
	}
	w.open("parts", '[', ']', func() {
		for _, p := range m.spec.Parts {
			answer := get(p.Column)
			if answer.empty() {
				continue
			}
			w.comma()
			w.b = append(w.b, '{')
			w.text("question", p.question(get, title))
			w.text("text", answer)
			w.b = append(w.b, '}')
		}
	})
}

// question is the part's own, else the header.
func (p part) question(get source, title func(column string) string) cell {
	switch {
	case p.QuestionColumn != "":
		return get(p.QuestionColumn)
	case p.Question != "":
		return cell{text: p.Question}
	}
	return cell{text: title(p.Column)}
}

func (c column) get(get source) cell {
	if c.Column == "" {
		return cell{}
	}
	v := get(c.Column)
	if to, ok := c.Values[strings.TrimSpace(v.text)]; ok && v.json == nil {
		return cell{text: to}
	}
	return v
}

func (f fixed) get(get source) cell {
	if f.Column == "" {
		return cell{text: f.Const}
	}
	v := column{f.Column, f.Values}.get(get)
	if v.empty() {
		v.text = f.Default
	}
	return v
}

// join joins what is not empty.
func join(columns []string, sep string, get source) string {
	var out []string
	for _, c := range columns {
		if v := get(c); !v.empty() {
			out = append(out, strings.TrimSpace(v.text)+string(v.json))
		}
	}
	return strings.Join(out, sep)
}

// time writes RFC 3339, or what stands there if that is no time.
func (m *Mapping) time(spec moment, get source) cell {
	if len(spec.Columns) == 0 {
		return cell{}
	}
	return cell{text: m.moment(join(spec.Columns, " ", get), spec)}
}

func (m *Mapping) moment(text string, spec moment) string {
	forms := spec.Formats
	if forms == nil {
		forms = defaultForms()
	}
	if t, ok := parseMoment(text, forms, max(spec.Day, 1), m.zone); text != "" && ok {
		return t.Format(time.RFC3339Nano)
	}
	return text
}

// writer writes JSON members and elements.
type writer struct{ b []byte }

func (w *writer) comma() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' && last != ':' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) value(c cell) {
	w.comma()
	if c.json != nil {
		w.b = append(w.b, c.json...)
	} else {
		w.b = appendString(w.b, c.text)
	}
}

// text writes a member unless c is empty.
func (w *writer) text(name string, c cell) {
	if c.empty() {
		return
	}
	w.comma()
	w.b = append(appendString(w.b, name), ':')
	w.value(c)
}

var whole = regexp.MustCompile(`^-?(?:0|[1-9]\d{0,9})(?:\.0+)?$`)

// number writes a whole number as one, anything else as a string.
func (w *writer) number(name string, c cell) {
	if n := strings.TrimSpace(norm.NFKC.String(c.text)); c.json == nil && whole.MatchString(n) {
		c.json = []byte(n)
	}
	w.text(name, c)
}

// open writes a member whose value body fills; it is left out if body writes
// nothing.
func (w *writer) open(name string, left, right byte, body func()) {
	before := len(w.b)
	w.comma()
	w.b = append(append(appendString(w.b, name), ':'), left)
	start := len(w.b)
	body()
	if len(w.b) == start {
		w.b = w.b[:before]
		return
	}
	w.b = append(w.b, right)
}
