package exports

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/koe-voc/koe/pipeline/voc"
)

// rowGroup is the rows of a row group: the writer's heap stays below 36 MB.
const rowGroup = 20_000

// table says how the files of a table are laid out.
type table[T any] struct {
	name       string
	order      func(a, b T) int
	sorted     []string // the columns of that order
	bloom      string   // column with a Bloom filter; empty: none
	day        func(*T) int32
	definition func(*T) string // nil: the rows have none
}

func contactTable() table[contactRow] {
	return table[contactRow]{
		Contacts, func(a, b contactRow) int {
			return cmp.Or(a.OccurredAt.Compare(b.OccurredAt), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
		},
		[]string{"occurred_at", "id"},
		"id", func(r *contactRow) int32 { return r.Day }, func(r *contactRow) string { return r.Definition },
	}
}

func voiceTable() table[voiceRow] {
	return table[voiceRow]{
		Voices, func(a, b voiceRow) int {
			return cmp.Or(a.OccurredAt.Compare(b.OccurredAt), cmp.Compare(a.RecordID, b.RecordID), cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Ordinal, b.Ordinal))
		},
		[]string{"occurred_at", "record_id"},
		"record_id", func(r *voiceRow) int32 { return r.Day }, func(r *voiceRow) string { return r.Definition },
	}
}

func deadTable() table[deadRow] {
	return table[deadRow]{
		DeadLetters, func(a, b deadRow) int {
			return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
		},
		[]string{"kafka_topic", "kafka_partition", "kafka_offset"},
		"", func(r *deadRow) int32 { return r.Day }, nil,
	}
}

func deletionTable() table[deletionRow] {
	return table[deletionRow]{
		Deletions, func(a, b deletionRow) int {
			return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
		},
		[]string{"kafka_topic", "kafka_partition", "kafka_offset"},
		"record_id", func(r *deletionRow) int32 { return r.Day }, nil,
	}
}

// write puts rows, in order, into a file that is not there yet.
func (t *table[T]) write(fsys FS, name string, rows []T) (size int64, sum string, err error) {
	slices.SortStableFunc(rows, t.order)
	return WriteFile(fsys, name, rows, FileOptions{strings.Join(t.definitions(rows), ","), t.sorted, t.bloom})
}

// definitions lists the definition versions of rows, in order.
func (t *table[T]) definitions(rows []T) []string {
	if t.definition == nil {
		return nil
	}
	seen := map[string]bool{}
	for i := range rows {
		seen[t.definition(&rows[i])] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// dayName is the day as it stands in folders.
func dayName(day int32) string {
	return time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly)
}

// stage writes the files of a flush and syncs them.
func (s *Sink) stage(p voc.Partition, b *buffer) (files []file, definitions []string, err error) {
	contacts := contactTable()
	st := &stager{space: s.workspace, base: fmt.Sprintf("%s-%019d-%019d.parquet", partName(p), b.chain.to, b.next)}
	// Voices are placed before contacts: whoever sees a contact sees its voices.
	stageTable(st, voiceTable(), b.voices)
	stageTable(st, contacts, b.contacts)
	stageTable(st, deadTable(), b.dead)
	stageTable(st, deletionTable(), b.deletions)
	if st.err == nil {
		st.err = s.fs.SyncDir(stagingDir + "/" + s.writer)
	}
	return st.files, contacts.definitions(b.contacts), st.err
}

// stager writes files until the first error.
type stager struct {
	space *workspace
	base  string
	files []file
	err   error
}

// stageTable writes one file a day.
func stageTable[T any](st *stager, t table[T], rows []T) {
	byDay := map[int32][]T{}
	for i := range rows {
		d := t.day(&rows[i])
		byDay[d] = append(byDay[d], rows[i])
	}
	for _, d := range slices.Sorted(maps.Keys(byDay)) {
		if st.err != nil {
			return
		}
		name := dayName(d)
		f := file{Table: t.name, Day: name, Rows: len(byDay[d]), Path: t.name + "/" + dayPrefix + name + "/" + st.base}
		f.Staged = st.space.stagingName(t.name + ".parquet")
		f.Bytes, f.SHA256, st.err = t.write(st.space.fs, f.Staged, byDay[d])
		if st.err != nil {
			st.err = fmt.Errorf("write %s of %s: %w", t.name, name, st.err)
			return
		}
		st.files = append(st.files, f)
	}
}

// FileOptions say what stands in the footer of a file.
type FileOptions struct {
	Definition string   // definition versions, parted by commas
	Sorted     []string // columns by which the rows are in order, ascending
	Bloom      string   // column with a Bloom filter; empty: none
}

// WriteFile writes rows as koe writes every Parquet file, mends its footer and
// syncs it. Name must be free; after an error it is free again. It returns the
// size in bytes and the SHA-256 in hex.
func WriteFile[T any](fsys FS, name string, rows []T, o FileOptions) (size int64, sum string, err error) {
	f, err := fsys.Create(name)
	if err != nil {
		return 0, "", err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = fsys.Remove(name) // half a file: the error that made it so is told
		}
	}()
	out := &counter{w: f, sum: sha256.New()}
	columns := make([]parquet.SortingColumn, len(o.Sorted))
	for i, c := range o.Sorted {
		columns[i] = parquet.Ascending(c)
	}
	options := []parquet.WriterOption{
		parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowGroup), parquet.CreatedBy("koe", SchemaVersion, ""),
		parquet.KeyValueMetadata("koe.schema_version", SchemaVersion), parquet.KeyValueMetadata("koe.definition_version", o.Definition),
		parquet.SortingWriterConfig(parquet.SortingColumns(columns...)),
	}
	if o.Bloom != "" {
		options = append(options, parquet.BloomFilters(parquet.SplitBlockFilter(10, o.Bloom)))
	}
	w := parquet.NewGenericWriter[T](out, options...)
	if _, err := w.Write(rows); err != nil {
		return 0, "", errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return 0, "", err
	}
	if err := mendFooter(f, out); err != nil {
		return 0, "", err
	}
	return out.n, hex.EncodeToString(out.sum.Sum(nil)), f.Sync()
}

// counter counts and hashes what is written, but for the footer's tail, which
// mendFooter replaces: it holds back the last bytes.
type counter struct {
	w    io.Writer
	n    int64
	sum  hash.Hash
	tail []byte
}

// holdBack is more than a footer of koe's tables takes.
const holdBack = 1 << 20

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.tail = append(c.tail, b[:n]...)
	if extra := len(c.tail) - holdBack; extra > 0 {
		c.sum.Write(c.tail[:extra])
		c.tail = append(c.tail[:0], c.tail[extra:]...)
	}
	return n, err
}

// mendFooter drops the type_length that parquet-go writes on every column:
// Spark takes a column with it for one of unknown type and does not push
// filters on numbers, dates and times down.
func mendFooter(f File, c *counter) error {
	tail := c.tail
	if len(tail) < 8 {
		return errors.New("the file has no footer")
	}
	n := int(binary.LittleEndian.Uint32(tail[len(tail)-8:]))
	if n > len(tail)-8 {
		return fmt.Errorf("the footer has %d bytes, more than the %d held back", n, holdBack)
	}
	start := len(tail) - 8 - n
	var md format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), tail[start:start+n], &md); err != nil {
		return fmt.Errorf("read the footer: %w", err)
	}
	for i := range md.Schema {
		if e := &md.Schema[i]; e.Type.Valid && e.Type.V != format.FixedLenByteArray {
			e.TypeLength = thrift.Null[int32]{}
		}
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &md)
	if err != nil {
		return fmt.Errorf("write the footer: %w", err)
	}
	var b bytes.Buffer
	b.Write(footer)
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(footer))) //nolint:gosec // shorter than the one read
	b.WriteString("PAR1")
	at := c.n - int64(8+n)
	if err := f.Cut(at); err != nil {
		return fmt.Errorf("cut the footer: %w", err)
	}
	if _, err := f.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the footer: %w", err)
	}
	c.n = at + int64(b.Len())
	c.sum.Write(tail[:start])
	c.sum.Write(b.Bytes())
	return nil
}
