package exports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Compacted tells what Compact did.
type Compacted struct {
	Days     int `json:"days"`           // day folders whose files were joined, over all tables
	Before   int `json:"files_before"`   // in these folders
	After    int `json:"files_after"`    // in these folders
	Latest   int `json:"latest_days"`    // day folders of the latest tables written anew
	Contacts int `json:"latest_rows"`    // contacts that stand
	Emptied  int `json:"latest_emptied"` // day folders of the latest tables in which nothing stands any more
}

// Compact joins the files of each day of each table into one, rows unchanged,
// and writes latest_contacts and latest_voices: what stands, as the view of
// Statements gives it. A day is replaced in one step. It holds a day in memory.
func (k *Keeper) Compact(ctx context.Context) (*Compacted, error) {
	c := &Compacted{}
	for _, do := range []func() error{
		func() error { return joinTable(ctx, k, voiceTable(), c) },
		func() error { return joinTable(ctx, k, contactTable(), c) },
		func() error { return joinTable(ctx, k, deadTable(), c) },
		func() error { return joinTable(ctx, k, deletionTable(), c) },
		func() error { return k.writeLatest(ctx, c) },
	} {
		if err := do(); err != nil {
			return nil, hint(fmt.Errorf("compact: %w", err))
		}
	}
	return c, nil
}

// joinTable joins the files of the days of a table.
func joinTable[T any](ctx context.Context, k *Keeper, t table[T], c *Compacted) error {
	all, err := days(k.fs, t.name)
	if err != nil {
		return err
	}
	for _, day := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := joinFiles(ctx, k, t, day, c); err != nil {
			return fmt.Errorf("%s: %w", day, err)
		}
	}
	return nil
}

// joinFiles reads and writes while writers go on, and looks again when they
// are kept out: if they have put a file there meanwhile, it is done once more.
func joinFiles[T any](ctx context.Context, k *Keeper, t table[T], day string, c *Compacted) error {
	names, staged, err := joinStaged(k, t, day)
	if err != nil || staged == "" {
		return err
	}
	return k.alone(ctx, func() error {
		now, err := dayFiles(k.fs, day)
		if err != nil {
			return err
		}
		if !slices.Equal(now, names) {
			if err := k.empty(staged); err != nil {
				return err
			}
			if names, staged, err = joinStaged(k, t, day); err != nil {
				return err
			}
		}
		if err := k.swap(staged, day); err != nil {
			return err
		}
		c.Days, c.Before, c.After = c.Days+1, c.Before+len(names), c.After+1
		return nil
	})
}

// joinStaged writes the rows of a day into a staged folder; staged is empty if
// there is nothing to join.
func joinStaged[T any](k *Keeper, t table[T], day string) (names []string, staged string, err error) {
	if names, err = dayFiles(k.fs, day); err != nil || len(names) < 2 {
		return names, "", err
	}
	var rows []T
	for _, name := range names {
		part, err := readRows[T](k.fs, name)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, part...)
	}
	if staged, err = k.stageDay(day); err != nil {
		return nil, "", err
	}
	_, _, err = t.write(k.fs, staged+"/"+k.fileName("joined"), rows)
	return names, staged, err
}

// fileName is new each time: some readers remember a file by its name.
func (k *Keeper) fileName(what string) string {
	k.serial++
	return fmt.Sprintf("%s-%s-%06d.parquet", what, k.now().UTC().Format("20060102T150405Z"), k.serial)
}

// writeLatest writes the tables of what stands, day by day, where it differs
// from what is there.
func (k *Keeper) writeLatest(ctx context.Context, c *Compacted) error {
	newest, err := revisions(ctx, k.fs)
	if err != nil {
		return err
	}
	all, err := days(k.fs, Contacts)
	if err != nil {
		return err
	}
	written := map[string]bool{}
	for _, day := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		day := day[len(Contacts)+1:]
		written[day] = true
		if err := k.latestDay(day, newest, c); err != nil {
			return fmt.Errorf("%s of %s: %w", LatestContacts, day, err)
		}
	}
	old, err := days(k.fs, LatestContacts)
	if err != nil {
		return err
	}
	for _, day := range old {
		if day := day[len(LatestContacts)+1:]; !written[day] {
			if err := k.latestDay(day, newest, c); err != nil {
				return fmt.Errorf("%s of %s: %w", LatestContacts, day, err)
			}
		}
	}
	return nil
}

func (k *Keeper) latestDay(day string, newest map[string]voc.Revision, c *Compacted) error {
	contacts, err := dayRows[contactRow](k.fs, Contacts+"/"+day)
	if err != nil {
		return err
	}
	stands := map[version]bool{}
	contacts = slices.DeleteFunc(contacts, func(r contactRow) bool { return newest[r.ID] != revisionOf(r.Revision) })
	for i := range contacts {
		stands[version{contacts[i].ID, contacts[i].Revision}] = true
	}
	c.Contacts += len(contacts)
	same, err := k.holdsExactly(day, stands)
	if err != nil || same {
		return err
	}
	voices, err := dayRows[voiceRow](k.fs, Voices+"/"+day)
	if err != nil {
		return err
	}
	voices = slices.DeleteFunc(voices, func(v voiceRow) bool { return !stands[version{v.RecordID, v.Revision}] })
	c.Latest++
	if len(contacts) == 0 {
		c.Emptied++
	}
	// Voices first: whoever sees a new contact sees its voices.
	if err := replaceDay(k, voiceTable(), LatestVoices+"/"+day, voices); err != nil {
		return err
	}
	return replaceDay(k, contactTable(), LatestContacts+"/"+day, contacts)
}

// holdsExactly reports whether the latest tables of a day hold these versions.
func (k *Keeper) holdsExactly(day string, want map[version]bool) (bool, error) {
	type row struct {
		ID       string `parquet:"id"`
		Revision string `parquet:"revision"`
		Voices   int32  `parquet:"voice_count"`
	}
	have, err := dayRows[row](k.fs, LatestContacts+"/"+day)
	if err != nil || len(have) != len(want) {
		return false, err
	}
	voices := 0
	for _, r := range have {
		if !want[version{r.ID, r.Revision}] {
			return false, nil
		}
		voices += int(r.Voices)
	}
	// A crash between the two tables leaves one of them old.
	type voice struct {
		ID       string `parquet:"record_id"`
		Revision string `parquet:"revision"`
	}
	said, err := dayRows[voice](k.fs, LatestVoices+"/"+day)
	if err != nil {
		return false, err
	}
	for _, v := range said {
		if !want[version{v.ID, v.Revision}] {
			return false, nil
		}
	}
	return len(said) == voices, nil
}

// replaceDay writes rows as the only file of a day, or leaves it without one.
func replaceDay[T any](k *Keeper, t table[T], day string, rows []T) error {
	staged, err := k.stageDay(day)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		if _, _, err := t.write(k.fs, staged+"/"+k.fileName("latest"), rows); err != nil {
			return err
		}
	}
	return k.swap(staged, day)
}

// replaceDays writes a table anew as a whole: days that get no rows are left
// without a file.
func replaceDays[T any](ctx context.Context, k *Keeper, t table[T], byDay map[string][]T) error {
	old, err := days(k.fs, t.name)
	if err != nil {
		return hint(fmt.Errorf("write %s: %w", t.name, err))
	}
	for _, day := range old {
		if _, ok := byDay[day]; !ok {
			byDay[day] = nil
		}
	}
	for day, rows := range byDay {
		err := ctx.Err()
		if err == nil {
			err = replaceDay(k, t, day, rows)
		}
		if err != nil {
			return hint(fmt.Errorf("write %s of %s: %w", t.name, day, err))
		}
	}
	return nil
}

// midnight is the beginning of a day.
func midnight(day int32, loc *time.Location) time.Time {
	y, m, d := time.Unix(int64(day)*86400, 0).UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, loc)
}
