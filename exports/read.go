package exports

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Count is the number of files and rows of a table.
type Count struct {
	Table string `json:"table"`
	Files int    `json:"files"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// Counts reads the footers of all files in place under dir.
func Counts(ctx context.Context, dir string) ([]Count, error) {
	var out []Count
	for _, table := range Tables() {
		c := Count{Table: table}
		names, err := tableFiles(dir, table)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := withFile(name, func(f *parquet.File) error {
				c.Files++
				c.Rows += f.NumRows()
				c.Bytes += f.Size()
				return nil
			}); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func tableFiles(dir, table string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, table, "dt=*", "*.parquet"))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", table, err)
	}
	slices.Sort(names)
	return names, nil
}

func withFile(name string, do func(*parquet.File) error) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open table: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open table: %w", err)
	}
	p, err := parquet.OpenFile(f, st.Size())
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return do(p)
}

func readRows[T any](name string) (rows []T, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	rows, err = parquet.Read[T](f, st.Size())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return rows, nil
}

// Records yields every version of every contact under dir with its voices, day
// by day and in the order of occurred_at within a file. Tokens, and what else
// is a pure function of the text, are not in the tables and stay empty.
func Records(ctx context.Context, dir string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		names, err := tableFiles(dir, Contacts)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			records, err := readRecords(name)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// readRecords joins a file of contacts with the file of voices beside it,
// which the same flush wrote under the same name.
func readRecords(name string) ([]*voc.Record, error) {
	contacts, err := readRows[contactRow](name)
	if err != nil {
		return nil, err
	}
	day := filepath.Dir(name)
	beside := filepath.Join(filepath.Dir(filepath.Dir(day)), Voices, filepath.Base(day), filepath.Base(name))
	voices, err := readRows[voiceRow](beside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	type key struct{ id, revision string }
	byRecord := make(map[key][]voiceRow, len(contacts))
	for _, v := range voices {
		k := key{v.RecordID, v.Revision}
		byRecord[k] = append(byRecord[k], v)
	}
	out := make([]*voc.Record, len(contacts))
	for i := range contacts {
		c := &contacts[i]
		v := byRecord[key{c.ID, c.Revision}]
		slices.SortFunc(v, func(a, b voiceRow) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
		if out[i], err = record(c, v); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return out, nil
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func integer(n *int32) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// record is the inverse of rows.
func record(c *contactRow, voices []voiceRow) (*voc.Record, error) {
	rev, err := voc.ParseRevision(c.Revision)
	if err != nil {
		return nil, fmt.Errorf("contact %s: %w", c.ID, err)
	}
	r := &voc.Record{
		ID: c.ID, Source: c.Source, Revision: rev, Channel: voc.Channel(c.Channel), Direction: voc.Direction(str(c.Direction)),
		OccurredAt: c.OccurredAt.UTC(), EndedAt: instant(c.EndedAt), UpdatedAt: instant(c.UpdatedAt),
		CustomerKey: str(c.CustomerKey), ThreadID: str(c.ThreadID), Product: str(c.Product), Lot: str(c.Lot), Shop: str(c.Shop), Queue: str(c.Queue),
		AgentKey: str(c.AgentKey), Categories: c.Categories, Disposition: str(c.Disposition), NPS: integer(c.NPS), CSAT: integer(c.CSAT),
		Handling: voc.Handling{Wait: integer(c.Wait), Talk: integer(c.Talk), Hold: integer(c.Hold), AfterCall: integer(c.AfterCall), Transfers: integer(c.Transfers)},
		Text:     c.Text, Definition: c.Definition,
	}
	for n, v := range c.Attrs {
		r.Attrs = append(r.Attrs, voc.Attr{Name: n, Value: v})
	}
	slices.SortFunc(r.Attrs, func(a, b voc.Attr) int { return cmp.Compare(a.Name, b.Name) })
	for k, n := range c.Masked {
		if r.Masked == nil {
			r.Masked = make(map[string]int, len(c.Masked))
		}
		r.Masked[k] = int(n)
	}
	at := voc.NewRunes(c.Text)
	span := func(start, end int32) voc.Span { return voc.Span{From: at.Byte(int(start)), To: at.Byte(int(end))} }
	for _, s := range c.Segments {
		r.Segments = append(r.Segments, voc.Segment{Role: voc.Role(s.Role), Span: span(s.Start, s.End), At: instant(s.At)})
	}
	flags := func(in []flagRow) (out []voc.Flag) {
		for _, f := range in {
			out = append(out, voc.Flag{Name: f.Flag, Evidence: span(f.Start, f.End), Rule: f.Rule})
		}
		return out
	}
	r.Risks, r.Signals = flags(c.Risks), flags(c.Signals)
	for _, m := range c.Mentions {
		r.Mentions = append(r.Mentions, voc.Mention{Kind: m.Kind, Value: m.Value, Span: span(m.Start, m.End)})
	}
	for _, u := range c.Unclassified {
		r.Unclassified = append(r.Unclassified, voc.Unclassified{Evidence: span(u.Start, u.End), Reason: u.Reason})
	}
	for _, v := range voices {
		r.Voices = append(r.Voices, voc.Voice{
			Type: voc.Type(v.Type), Aspect: voc.Aspect(v.Aspect), Sub: str(v.Sub), Kind: str(v.Kind), Evidence: span(v.Start, v.End), Target: str(v.Target),
			Polarity: int(v.Polarity), Qualities: v.Qualities, Prior: str(v.Prior), PriorFrom: str(v.PriorFrom), Fulfilment: str(v.Fulfilment),
			TouchPoint: str(v.TouchPoint), Journey: str(v.Journey), Response: v.Response, Rule: v.Rule, Confidence: v.Confidence,
		})
	}
	return r, nil
}

// DeadLettersIn yields the dead letters under dir.
func DeadLettersIn(ctx context.Context, dir string) iter.Seq2[voc.DeadLetter, error] {
	return func(yield func(voc.DeadLetter, error) bool) {
		names, err := tableFiles(dir, DeadLetters)
		if err != nil {
			yield(voc.DeadLetter{}, err)
			return
		}
		for _, name := range names {
			rows, err := readRows[deadRow](name)
			if err = cmp.Or(err, ctx.Err()); err != nil {
				yield(voc.DeadLetter{}, err)
				return
			}
			for _, d := range rows {
				if !yield(voc.DeadLetter{
					Partition: voc.Partition{Topic: d.Topic, ID: int(d.Partition)}, Offset: d.Offset, Time: d.Time.UTC(),
					Reason: voc.Reason(d.Reason), Field: str(d.Field), Decoder: d.Decoder, SHA256: d.SHA256, Bytes: int(d.Bytes),
				}, nil) {
					return
				}
			}
		}
	}
}

// Statements returns lines that read the newest contacts and the voices that
// join them, ready to paste, by the name of the reader.
func Statements(dir string) map[string]string {
	glob := func(table string) string { return filepath.ToSlash(filepath.Join(dir, table, "*", "*.parquet")) }
	return map[string]string{
		"duckdb": fmt.Sprintf(`SET TimeZone = 'Asia/Tokyo';
CREATE VIEW contacts AS
  SELECT * FROM read_parquet('%s', union_by_name=true, hive_partitioning=true)
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY revision_at DESC, kafka_topic DESC, kafka_partition DESC, kafka_offset DESC) = 1;
CREATE VIEW voices AS
  SELECT v.* FROM read_parquet('%s', union_by_name=true, hive_partitioning=true) v
  SEMI JOIN contacts c ON v.record_id = c.id AND v.revision = c.revision;
SELECT type, aspect, count(DISTINCT record_id) AS contacts FROM voices GROUP BY ALL ORDER BY contacts DESC;`, glob(Contacts), glob(Voices)),
		"spark": fmt.Sprintf(`spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
contacts = spark.read.option("mergeSchema", "true").parquet("%s")
voices = spark.read.option("mergeSchema", "true").parquet("%s")`, filepath.ToSlash(filepath.Join(dir, Contacts)), filepath.ToSlash(filepath.Join(dir, Voices))),
		"pandas": fmt.Sprintf(`contacts = pandas.read_parquet("%s", dtype_backend="pyarrow")
voices = pandas.read_parquet("%s", dtype_backend="pyarrow")`, filepath.ToSlash(filepath.Join(dir, Contacts)), filepath.ToSlash(filepath.Join(dir, Voices))),
		"polars": fmt.Sprintf(`contacts = polars.scan_parquet("%s", missing_columns="insert")
voices = polars.scan_parquet("%s", missing_columns="insert")`, glob(Contacts), glob(Voices)),
	}
}

// Schema returns the columns of a table as Parquet writes them down.
func Schema(table string) (string, error) {
	switch table {
	case Contacts:
		return parquet.SchemaOf(contactRow{}).String(), nil
	case Voices:
		return parquet.SchemaOf(voiceRow{}).String(), nil
	case DeadLetters:
		return parquet.SchemaOf(deadRow{}).String(), nil
	case Deletions:
		return parquet.SchemaOf(deletionRow{}).String(), nil
	}
	return "", fmt.Errorf("no table %q", table)
}
