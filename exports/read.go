package exports

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"

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
	fsys := Dir(dir)
	var out []Count
	for _, table := range allTables() {
		c := Count{Table: table}
		names, err := tableFiles(fsys, table)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			err := withFile(fsys, name, func(r io.ReaderAt, size int64) error {
				f, err := parquet.OpenFile(r, size)
				if err != nil {
					return err
				}
				c.Files++
				c.Rows += f.NumRows()
				c.Bytes += size
				return nil
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // joined with others meanwhile
				return nil, err
			}
		}
		if len(names) > 0 || slices.Contains(Tables(), table) {
			out = append(out, c)
		}
	}
	return out, nil
}

// days lists the day folders of a table, such as contacts/dt=2026-10-05.
func days(fsys FS, table string) ([]string, error) {
	names, err := fsys.List(table)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", table, err)
	}
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, dayPrefix) {
			out = append(out, table+"/"+n)
		}
	}
	return out, nil
}

const dayPrefix = "dt="

// dayFiles lists the files of a day folder, none if it is not there.
func dayFiles(fsys FS, day string) ([]string, error) {
	names, err := fsys.List(day)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", day, err)
	}
	var out []string
	for _, n := range names {
		if strings.HasSuffix(n, ".parquet") {
			out = append(out, day+"/"+n)
		}
	}
	return out, nil
}

func tableFiles(fsys FS, table string) ([]string, error) {
	all, err := days(fsys, table)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, day := range all {
		names, err := dayFiles(fsys, day)
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	return out, nil
}

func withFile(fsys FS, name string, do func(r io.ReaderAt, size int64) error) (err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("open table: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var r io.ReaderAt
	var size int64
	if o, ok := f.(*os.File); ok {
		st, err := o.Stat()
		if err != nil {
			return fmt.Errorf("open table: %w", err)
		}
		r, size = o, st.Size()
	} else {
		data, err := io.ReadAll(f)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		r, size = bytes.NewReader(data), int64(len(data))
	}
	if err := do(r, size); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

func readRows[T any](fsys FS, name string) (rows []T, err error) {
	err = withFile(fsys, name, func(r io.ReaderAt, size int64) error {
		rows, err = parquet.Read[T](r, size)
		return err
	})
	return rows, err
}

// dayRows reads all rows of a day folder.
func dayRows[T any](fsys FS, day string) ([]T, error) {
	names, err := dayFiles(fsys, day)
	if err != nil {
		return nil, err
	}
	var out []T
	for _, name := range names {
		rows, err := readRows[T](fsys, name)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Records yields every version of every contact under dir with its voices, day
// by day and in the order of occurred_at within a day; deletions take nothing
// away from it. It holds a day in memory. Tokens, and what else is a pure
// function of the text, are not in the tables and stay empty.
func Records(ctx context.Context, dir string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		fsys := Dir(dir)
		all, err := days(fsys, Contacts)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, day := range all {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			records, err := readDay(fsys, strings.TrimPrefix(day, Contacts+"/"))
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

// readTries is how often a day is read whose files change meanwhile: a
// compaction swaps contacts and voices one after the other.
const readTries = 5

func readDay(fsys FS, day string) (out []*voc.Record, err error) {
	for range readTries {
		if out, err = joinDay(fsys, day); err == nil {
			break
		}
	}
	return out, err
}

// joinDay joins the contacts of a day with their voices, which have the same day.
func joinDay(fsys FS, day string) ([]*voc.Record, error) {
	contacts, err := dayRows[contactRow](fsys, Contacts+"/"+day)
	if err != nil {
		return nil, err
	}
	voices, err := dayRows[voiceRow](fsys, Voices+"/"+day)
	if err != nil {
		return nil, err
	}
	byRecord := make(map[version][]voiceRow, len(contacts))
	for _, v := range voices {
		k := version{v.RecordID, v.Revision}
		byRecord[k] = append(byRecord[k], v)
	}
	slices.SortStableFunc(contacts, contactTable().order)
	out := make([]*voc.Record, len(contacts))
	for i := range contacts {
		c := &contacts[i]
		v := byRecord[version{c.ID, c.Revision}]
		if len(v) != int(c.VoiceCount) {
			return nil, fmt.Errorf("read %s: contact %s has %d voices, %s holds %d; open the folder with koe run or koe load once, which completes a flush that was cut off",
				day, c.ID, c.VoiceCount, Voices, len(v))
		}
		slices.SortFunc(v, func(a, b voiceRow) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
		if out[i], err = record(c, v); err != nil {
			return nil, fmt.Errorf("read %s: %w", day, err)
		}
	}
	return out, nil
}

// Latest yields what stands: the newest version of each contact that was not
// deleted after it, in the order of Records. It holds the id and revision of
// every contact in memory.
func Latest(ctx context.Context, dir string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		newest, err := revisions(ctx, Dir(dir))
		if err != nil {
			yield(nil, err)
			return
		}
		for r, err := range Records(ctx, dir) {
			if err == nil && newest[r.ID] != r.Revision {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// revisions returns the greatest revision of each id, deletes included.
func revisions(ctx context.Context, fsys FS) (map[string]voc.Revision, error) {
	newest := map[string]voc.Revision{}
	see := func(id, revision string) error {
		r, err := voc.ParseRevision(revision)
		if err != nil {
			return fmt.Errorf("contact %s: %w", id, err)
		}
		if old, ok := newest[id]; !ok || old.Compare(r) < 0 {
			newest[id] = r
		}
		return nil
	}
	type contact struct {
		ID       string `parquet:"id"`
		Revision string `parquet:"revision"`
	}
	type deletion struct {
		ID       string `parquet:"record_id"`
		Revision string `parquet:"revision"`
	}
	for rows, err := range tableRows[contact](ctx, fsys, Contacts) {
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			if err := see(v.ID, v.Revision); err != nil {
				return nil, err
			}
		}
	}
	for rows, err := range tableRows[deletion](ctx, fsys, Deletions) {
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			if err := see(v.ID, v.Revision); err != nil {
				return nil, err
			}
		}
	}
	return newest, nil
}

// tableRows yields the rows of a table day by day.
func tableRows[T any](ctx context.Context, fsys FS, table string) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		all, err := days(fsys, table)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, day := range all {
			var rows []T
			var err error
			for range readTries {
				if rows, err = dayRows[T](fsys, day); !errors.Is(err, fs.ErrNotExist) {
					break
				}
			}
			if err = cmp.Or(err, ctx.Err()); !yield(rows, err) || err != nil {
				return
			}
		}
	}
}

// DeadLettersIn yields the dead letters under dir.
func DeadLettersIn(ctx context.Context, dir string) iter.Seq2[voc.DeadLetter, error] {
	return func(yield func(voc.DeadLetter, error) bool) {
		for rows, err := range tableRows[deadRow](ctx, Dir(dir), DeadLetters) {
			if err != nil {
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

// DeletionsIn yields the deletes under dir; their Record is nil.
func DeletionsIn(ctx context.Context, dir string) iter.Seq2[voc.Applied, error] {
	return func(yield func(voc.Applied, error) bool) {
		for rows, err := range tableRows[deletionRow](ctx, Dir(dir), Deletions) {
			if err != nil {
				yield(voc.Applied{}, err)
				return
			}
			for _, d := range rows {
				rev, err := voc.ParseRevision(d.Revision)
				if err != nil {
					yield(voc.Applied{}, fmt.Errorf("deletion of %s: %w", d.RecordID, err))
					return
				}
				if !yield(voc.Applied{ID: d.RecordID, Revision: rev, Erase: d.Erase != nil && *d.Erase}, nil) {
					return
				}
			}
		}
	}
}

// Positions tells, per partition, the end of the ledger under dir: the next
// offset that the tables do not hold.
func Positions(dir string) (map[voc.Partition]int64, error) {
	all, err := chains(Dir(dir))
	if err != nil {
		return nil, fmt.Errorf("read positions of %s: %w", dir, hint(err))
	}
	out := make(map[voc.Partition]int64, len(all))
	for p, c := range all {
		if c.to > 0 {
			out[p] = c.to
		}
	}
	return out, nil
}
