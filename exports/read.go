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
// by day and in the order of occurred_at within a file; deletions take nothing
// away from it. Tokens, and what else
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
		if len(v) != int(c.VoiceCount) {
			return nil, fmt.Errorf("read %s: contact %s has %d voices, the file beside it in %s holds %d; open the folder with koe run or koe load once, which completes a flush that was cut off",
				name, c.ID, c.VoiceCount, Voices, len(v))
		}
		slices.SortFunc(v, func(a, b voiceRow) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
		if out[i], err = record(c, v); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return out, nil
}

// Latest yields what stands: the newest version of each contact that was not
// deleted after it, in the order of Records. It holds the id and revision of
// every contact in memory.
func Latest(ctx context.Context, dir string) iter.Seq2[*voc.Record, error] {
	return func(yield func(*voc.Record, error) bool) {
		newest, err := revisions(ctx, dir)
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
func revisions(ctx context.Context, dir string) (map[string]voc.Revision, error) {
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
	type version struct {
		ID       string `parquet:"id"`
		Revision string `parquet:"revision"`
	}
	for rows, err := range tableRows[version](ctx, dir, Contacts) {
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			if err := see(v.ID, v.Revision); err != nil {
				return nil, err
			}
		}
	}
	for d, err := range DeletionsIn(ctx, dir) {
		if err != nil {
			return nil, err
		}
		if err := see(d.ID, d.Revision.String()); err != nil {
			return nil, err
		}
	}
	return newest, nil
}

// tableRows yields the rows of a table file by file.
func tableRows[T any](ctx context.Context, dir, table string) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		names, err := tableFiles(dir, table)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, name := range names {
			rows, err := readRows[T](name)
			if err = cmp.Or(err, ctx.Err()); !yield(rows, err) || err != nil {
				return
			}
		}
	}
}

// DeadLettersIn yields the dead letters under dir.
func DeadLettersIn(ctx context.Context, dir string) iter.Seq2[voc.DeadLetter, error] {
	return func(yield func(voc.DeadLetter, error) bool) {
		for rows, err := range tableRows[deadRow](ctx, dir, DeadLetters) {
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
		for rows, err := range tableRows[deletionRow](ctx, dir, Deletions) {
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
				if !yield(voc.Applied{ID: d.RecordID, Revision: rev}, nil) {
					return
				}
			}
		}
	}
}
