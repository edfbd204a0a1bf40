package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// The header by which a message names its decoder, and the decoder that turns
// a row that could not be split into a dead letter.
const (
	HeaderDecoder    = "koe-decoder"
	DecoderMalformed = "malformed"
)

// MaxRow is the size of a row in bytes. Of a longer one the message holds one
// byte more than that, which a decoder with this limit refuses.
const MaxRow = 16 << 20

// Mapper turns rows into the values of messages.
type Mapper interface {
	// Hash identifies what the mapper does.
	Hash() string
	// Rows binds it to a header. The function is given every row of the file in
	// order; its error makes the row a dead letter.
	Rows(header []string) (func(cells []string) ([]byte, error), error)
	// Objects is the same for the lines of JSON Lines.
	Objects() func(line []byte) ([]byte, error)
}

// The formats of files.
const (
	JSONLines = "jsonl"
	CSV       = "csv"
	TSV       = "tsv"
	XLSX      = "xlsx"
	Whole     = "whole" // the file is one message
	Mbox      = "mbox"  // a mailbox: each mail is one message
)

func fileFormats() []string { return []string{JSONLines, CSV, TSV, XLSX, Whole, Mbox} }

// FormatOf tells the format of a file by its name, empty if that does not tell.
func FormatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl", ".ndjson", ".json":
		return JSONLines
	case ".csv":
		return CSV
	case ".tsv", ".tab":
		return TSV
	case ".xlsx", ".xlsm":
		return XLSX
	case ".eml":
		return Whole
	case ".mbox":
		return Mbox
	}
	return ""
}

// FileOptions says how files are read. The zero value finds everything out.
type FileOptions struct {
	Format   string            // one of the formats; empty: by the file's extension
	Encoding string            // utf-8, utf-16 or cp932; empty: found out from the whole file
	Sheet    string            // of a workbook; empty: the first
	SkipRows int               // rows above the header
	Headers  map[string]string // of every message
	TempDir  string            // where large sheets are unpacked; empty: the system's
	Progress func(n int64)     // called with the bytes read since the last call; may be nil
}

// Files is a source of one session with one partition for each file: topic
// "file-" and the SHA-256 of how it is read and of its bytes, partition 0,
// offsets the rows from 0 without header and blank lines. The same bytes read
// in the same way are the same partition, whatever the file is called; given
// twice they are read once. It is for one goroutine.
type Files struct {
	opts  FileOptions
	paths []string
	mapr  Mapper
	done  bool
}

// NewFiles checks the arguments; files are opened by Next. m may be nil for
// JSON Lines whose lines are messages as they stand, and is for whole files and
// mailboxes.
func NewFiles(paths []string, m Mapper, o FileOptions) (*Files, error) {
	if len(paths) == 0 {
		return nil, errors.New("no file to read")
	}
	for _, p := range paths {
		f, err := formatOf(p, o.Format)
		if err != nil {
			return nil, err
		}
		switch {
		case f == Whole || f == Mbox:
			if m != nil {
				return nil, fmt.Errorf("%s: a mapping file is for rows; this file is read as %s", p, f)
			}
		case m == nil && f != JSONLines:
			return nil, fmt.Errorf("%s: rows of a %s file need a mapping file that says which column is what; koe detect %s proposes one", p, f, p)
		}
	}
	return &Files{opts: o, paths: slices.Clone(paths), mapr: m}, nil
}

func formatOf(path, format string) (string, error) {
	if format == "" {
		format = FormatOf(path)
	}
	if !slices.Contains(fileFormats(), format) {
		return "", fmt.Errorf("%s: the name does not tell the format; say jsonl, csv, tsv or xlsx, or whole or mbox for mails", path)
	}
	return format, nil
}

// Next reads every file once, to learn its hash and its encoding, and returns
// the session; the next call returns io.EOF.
func (f *Files) Next(ctx context.Context) (Session, error) {
	if f.done {
		return nil, io.EOF
	}
	s := &fileSession{opts: f.opts, mapr: f.mapr}
	for _, p := range f.paths {
		st, err := f.scan(ctx, p)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(s.files, func(o file) bool { return o.part == st.part }) {
			s.files = append(s.files, st)
		}
	}
	f.done = true
	return s, nil
}

// Size returns the bytes of all files, for a progress display.
func (f *Files) Size() (int64, error) {
	var n int64
	for _, p := range f.paths {
		st, err := os.Stat(p)
		if err != nil {
			return 0, fmt.Errorf("size of the files: %w", err)
		}
		n += st.Size()
	}
	return n, nil
}

// Close releases nothing: files are closed as soon as they are read.
func (f *Files) Close() error { return nil }

// file is what the scan learned.
type file struct {
	path     string
	format   string
	encoding string
	size     int64
	mtime    time.Time
	sum      string // of the bytes
	part     voc.Partition
}

func (f *Files) scan(ctx context.Context, path string) (st file, err error) {
	in, err := os.Open(path)
	if err != nil {
		return file{}, fmt.Errorf("open input: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	info, err := in.Stat()
	if err != nil {
		return file{}, fmt.Errorf("open input: %w", err)
	}
	if !info.Mode().IsRegular() {
		return file{}, fmt.Errorf("%s: not a regular file; it is read twice, so save it to one", path)
	}
	format, err := formatOf(path, f.opts.Format)
	if err != nil {
		return file{}, err
	}
	sum := sha256.New()
	var c *classifier
	to := io.Writer(sum)
	if format != XLSX && format != Whole && format != Mbox {
		c = newClassifier()
		to = io.MultiWriter(sum, c)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, stoppable{ctx, in}, make([]byte, 1<<20))
	if err != nil {
		return file{}, fmt.Errorf("read %s: %w", path, err)
	}
	st = file{path: path, format: format, size: n, mtime: info.ModTime(), sum: hex.EncodeToString(sum.Sum(nil))}
	if c != nil {
		if st.encoding, err = c.decide(f.opts.Encoding); err != nil {
			return file{}, fmt.Errorf("%s: %w", path, err)
		}
	}
	st.part = voc.Partition{Topic: "file-" + f.topic(st)}
	return st, nil
}

// topic hashes everything that decides what the messages are.
func (f *Files) topic(st file) string {
	h := sha256.New()
	mapping := ""
	if f.mapr != nil {
		mapping = f.mapr.Hash()
	}
	field(h, "koe.file/1", mapping, st.format, st.encoding, f.opts.Sheet, fmt.Sprint(f.opts.SkipRows))
	for _, k := range slices.Sorted(maps.Keys(f.opts.Headers)) {
		field(h, k, f.opts.Headers[k])
	}
	field(h, st.sum)
	return hex.EncodeToString(h.Sum(nil))
}

func field(h hash.Hash, parts ...string) {
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
}

// stoppable ends a long copy when ctx does.
type stoppable struct {
	ctx context.Context //nolint:containedctx // lives as long as one copy
	io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}

// Session is the form that pipeline.Session has.
type Session = interface {
	Partitions() []voc.Partition
	Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error
	Commit(ctx context.Context, next map[voc.Partition]int64) error
}

type fileSession struct {
	opts  FileOptions
	mapr  Mapper
	files []file
}

func (s *fileSession) Partitions() []voc.Partition {
	var out []voc.Partition
	for _, f := range s.files {
		out = append(out, f.part)
	}
	return out
}

// Commit does nothing: nobody else looks at a file's positions.
func (s *fileSession) Commit(context.Context, map[voc.Partition]int64) error { return nil }

func (s *fileSession) Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error {
	for _, f := range s.files {
		if err := s.read(ctx, f, from[f.part], deliver); err != nil {
			return err
		}
	}
	return nil
}

// row is one message to be: bad if it could not be split.
type row struct {
	value []byte
	bad   bool
}

// read delivers the rows of one file from the position start on. It maps the
// rows before as well: an ordinal of equal rows counts them.
func (s *fileSession) read(ctx context.Context, f file, start int64, deliver func(voc.Message) error) (err error) {
	in, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("open input: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sum := sha256.New()
	raw := io.TeeReader(counting{in, s.opts.Progress}, sum)
	next, stop, err := s.rows(f, raw)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	malformed := maps.Clone(s.opts.Headers)
	if malformed == nil {
		malformed = map[string]string{}
	}
	malformed[HeaderDecoder] = DecoderMalformed
	n := int64(0)
	for ; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s, row %d: %w", f.path, n, err)
		}
		if n < start {
			continue
		}
		m := voc.Message{Partition: f.part, Offset: n, Time: f.mtime, Value: r.value, Headers: s.opts.Headers}
		if r.bad {
			m.Headers = malformed
		}
		if err := deliver(m); err != nil {
			return err
		}
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.sum {
		return fmt.Errorf("%s changed while it was read; load it again when nobody writes to it", f.path)
	}
	if n < start {
		return fmt.Errorf("%s has %d rows and is to be read from row %d: the stored position belongs to another file", f.path, n, start)
	}
	return nil
}

// counting reports progress.
type counting struct {
	io.Reader
	report func(int64)
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.report != nil && n > 0 {
		c.report(int64(n))
	}
	return n, err
}
