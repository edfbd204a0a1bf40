package dict

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Table is a TSV file of the dictionary.
type Table struct {
	Name    string
	Columns []string // the first is "id"
	Rows    []Row
}

// Row is one entry.
type Row struct {
	Line  int // in the file it came from, from 1; of the merged form where a site's folder was laid over
	Cells []string
	cols  []string
}

// ID is the first cell.
func (r Row) ID() string { return r.Cells[0] }

// Get returns the cell of a column, empty if the table has no such column.
func (r Row) Get(column string) string {
	for i, c := range r.cols {
		if c == column {
			return r.Cells[i]
		}
	}
	return ""
}

// List returns the cell of a column split at "|", without empty parts.
func (r Row) List(column string) []string {
	var out []string
	for s := range strings.SplitSeq(r.Get(column), "|") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func parse(name string, data []byte) (*Table, error) {
	t := &Table{Name: name}
	seen := map[string]int{}
	line := 0
	for raw := range bytes.SplitSeq(data, []byte("\n")) {
		line++
		text := string(raw)
		if text == "" || strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		}
		cells := strings.Split(text, "\t")
		if t.Columns == nil {
			if cells[0] != "id" {
				return nil, fmt.Errorf("dictionary file %s line %d: the first column of the header must be id", name, line)
			}
			t.Columns = cells
			continue
		}
		if len(cells) > len(t.Columns) {
			return nil, fmt.Errorf("dictionary file %s line %d: %d cells, the header has %d", name, line, len(cells), len(t.Columns))
		}
		cells = append(cells, slices.Repeat([]string{""}, len(t.Columns)-len(cells))...)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[0] == "" || cells[0] == "-" {
			return nil, fmt.Errorf("dictionary file %s line %d: the id is empty", name, line)
		}
		if first, dup := seen[cells[0]]; dup {
			return nil, fmt.Errorf("dictionary file %s line %d: id %q stands in line %d already", name, line, cells[0], first)
		}
		seen[cells[0]] = line
		t.Rows = append(t.Rows, Row{Line: line, Cells: cells, cols: t.Columns})
	}
	if t.Columns == nil {
		return nil, fmt.Errorf("dictionary file %s: no header line", name)
	}
	return t, nil
}

// Lines tells in which line of the file name of fsys each id stands, "-ID"
// among them: as the file is written, before anything is merged. It is
// empty if there is no such file.
func Lines(fsys fs.FS, name string) (map[string]int, error) {
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]int{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read dictionary file %s: %w", name, err)
	}
	t, err := parse(name, plain(data))
	if err != nil {
		return nil, err
	}
	lines := make(map[string]int, len(t.Rows))
	for _, r := range t.Rows {
		lines[r.ID()] = r.Line
	}
	return lines, nil
}

// plain is text without a byte order mark and with line feeds alone as line
// ends.
func plain(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
}

func (t *Table) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(t.Columns, "\t"))
	b.WriteByte('\n')
	for _, r := range t.Rows {
		b.WriteString(strings.Join(r.Cells, "\t"))
		b.WriteByte('\n')
	}
	return b.Bytes()
}
