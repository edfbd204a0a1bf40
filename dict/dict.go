// Package dict holds koe's definitions as data: the taxonomy, lexicons, rules,
// synonyms, stop words, user dictionary and the name lists of the masker. It
// loads them, lays a site's own folder over them, and computes the version by
// which every label can be traced.
//
// It knows files, rows and ids. It does not know what a rule means: the
// packages that use a table read its columns.
//
// Tables are TSV files (*.tsv) with a header line whose first column is "id";
// lines that begin with "#" and empty lines are skipped. Documents are YAML
// files (*.yaml), statistical models are binary (*.model). A site's folder
// holds files of the same names: a row of a site's table with a known id
// overrides the built-in one, with a new id it is added, and with the id "-ID"
// it removes ID. A site's YAML document or model replaces the built-in one.
package dict

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

//go:embed data
var builtin embed.FS

// modelExt is the ending of statistical models, which are no text.
const modelExt = ".model"

// maxFile bounds a file of a site's folder.
const maxFile = 64 << 20

// Set is a loaded dictionary: the built-in files with a site's laid over. It
// is immutable and safe for concurrent use.
type Set struct {
	files   map[string][]byte // by base name, merged
	version string
}

// Builtin exposes the embedded files.
func Builtin() fs.FS {
	sub, err := fs.Sub(builtin, "data")
	if err != nil {
		return builtin // cannot happen: the folder is embedded
	}
	return sub
}

// Load reads the built-in dictionary and, if site is not empty, lays the
// folder site over it.
func Load(site string) (*Set, error) {
	if site == "" {
		return New(Builtin(), nil)
	}
	if st, err := os.Stat(site); err != nil {
		return nil, fmt.Errorf("open dictionary folder: %w", err)
	} else if !st.IsDir() {
		return nil, fmt.Errorf("open dictionary folder %s: it is a file; name the folder that holds it", site)
	}
	return New(Builtin(), os.DirFS(site))
}

// New merges two file systems; site may be nil.
func New(base, site fs.FS) (*Set, error) {
	s := &Set{files: map[string][]byte{}}
	if err := s.read(base, false); err != nil {
		return nil, err
	}
	if site != nil {
		if err := s.read(site, true); err != nil {
			return nil, err
		}
	}
	h := sha256.New()
	for _, name := range s.Names() {
		fmt.Fprintf(h, "%s %d\n", name, len(s.files[name]))
		h.Write(s.files[name])
	}
	s.version = hex.EncodeToString(h.Sum(nil))[:12]
	return s, nil
}

func (s *Set) read(fsys fs.FS, overlay bool) error {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return fmt.Errorf("read dictionary: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		ext := path.Ext(name)
		if e.IsDir() || strings.HasPrefix(name, ".") || ext != ".tsv" && ext != ".yaml" && ext != modelExt {
			continue
		}
		if _, known := s.files[name]; overlay && !known {
			return fmt.Errorf("dictionary file %s: koe has no file of that name; it knows %s", name, strings.Join(s.Names(), ", "))
		}
		if info, err := e.Info(); err == nil && info.Size() > maxFile {
			return fmt.Errorf("dictionary file %s: larger than %d MiB", name, maxFile>>20)
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read dictionary file %s: %w", name, err)
		}
		if ext == modelExt {
			s.files[name] = data
			continue
		}
		data = plain(data)
		if !utf8.Valid(data) {
			return fmt.Errorf("dictionary file %s: not UTF-8", name)
		}
		if ext == ".tsv" {
			if data, err = merge(name, s.files[name], data); err != nil {
				return err
			}
		}
		s.files[name] = data
	}
	return nil
}

// merge returns the canonical bytes of the rows of over laid over those of base.
func merge(name string, base, over []byte) ([]byte, error) {
	var b *Table
	var err error
	if base != nil {
		if b, err = parse(name, base); err != nil {
			return nil, err
		}
	}
	o, err := parse(name, over)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return o.bytes(), nil
	}
	if !slices.Equal(b.Columns, o.Columns) {
		return nil, fmt.Errorf("dictionary file %s: columns are %s, want %s", name, strings.Join(o.Columns, " "), strings.Join(b.Columns, " "))
	}
	at := make(map[string]int, len(b.Rows))
	for i, r := range b.Rows {
		at[r.ID()] = i
	}
	for _, r := range o.Rows {
		id, remove := strings.CutPrefix(r.ID(), "-")
		i, known := at[id]
		switch {
		case remove && !known:
			return nil, fmt.Errorf("dictionary file %s line %d: removes %q, which is not there", name, r.Line, id)
		case remove:
			b.Rows[i].Cells = nil
		case known:
			b.Rows[i] = r
		default:
			at[id] = len(b.Rows)
			b.Rows = append(b.Rows, r)
		}
	}
	b.Rows = slices.DeleteFunc(b.Rows, func(r Row) bool { return r.Cells == nil })
	return b.bytes(), nil
}

// Version is the hash of the merged files, 12 hex digits.
func (s *Set) Version() string { return s.version }

// Names lists the files in order.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.files))
	for n := range s.files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// File returns the merged bytes of a file, for keeping a copy of what was
// used. The caller does not change them.
func (s *Set) File(name string) ([]byte, bool) {
	b, ok := s.files[name]
	return b, ok
}

// ErrNoFile is wrapped by Table and YAML for a name that the set does not hold.
var ErrNoFile = errors.New("no such dictionary file")

// Table returns the rows of a TSV file, such as "aspects.tsv".
func (s *Set) Table(name string) (*Table, error) {
	data, ok := s.files[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, ErrNoFile)
	}
	return parse(name, data)
}

// YAML decodes a document, such as "taxonomy.yaml", into out, strictly.
func (s *Set) YAML(name string, out any) error {
	data, ok := s.files[name]
	if !ok {
		return fmt.Errorf("%s: %w", name, ErrNoFile)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("dictionary file %s: %w", name, err)
	}
	return nil
}
