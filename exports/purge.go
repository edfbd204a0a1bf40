package exports

import (
	"context"
	"fmt"
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Purged counts what Purge took out.
type Purged struct {
	Contacts  int `json:"contacts"` // versions of contacts
	Voices    int `json:"voices"`
	Dead      int `json:"dead_letters"`
	Deletions int `json:"deletions"`
	Latest    int `json:"latest"` // rows of the latest tables
	Files     int `json:"files"`  // written anew or removed
}

// Purge takes what e holds out of every file of the tables. A file is replaced
// in one step, so that readers see it before or after. e must hold it before
// Purge begins: from then on no writer brings it in.
func (k *Keeper) Purge(ctx context.Context, e Erased) (*Purged, error) {
	out := &Purged{}
	// No writer is between asking e and putting its files in place after this.
	err := k.alone(ctx, func() error { return nil })
	if err == nil {
		err = k.purge(ctx, e, out)
	}
	if err != nil {
		return out, hint(fmt.Errorf("erase from the tables: %w", err))
	}
	return out, nil
}

func (k *Keeper) purge(ctx context.Context, e Erased, out *Purged) error {
	latest := contactTable()
	latest.name = LatestContacts
	held := func(r *contactRow) bool { return e.Holds(r.subject()) }
	if err := rewrite(ctx, k, latest, held, &out.Latest, &out.Files); err != nil {
		return err
	}
	if err := rewrite(ctx, k, contactTable(), held, &out.Contacts, &out.Files); err != nil {
		return err
	}
	// A voice does not tell its customer: what no contact stands for any more
	// goes. So a purge that a crash cut off is completed by the next.
	if err := k.orphans(ctx, LatestContacts, LatestVoices, &out.Latest, &out.Files); err != nil {
		return err
	}
	if err := k.orphans(ctx, Contacts, Voices, &out.Voices, &out.Files); err != nil {
		return err
	}
	if err := rewrite(ctx, k, deletionTable(), func(d *deletionRow) bool { return e.Holds(d.subject(k.loc)) }, &out.Deletions, &out.Files); err != nil {
		return err
	}
	return rewrite(ctx, k, deadTable(), func(d *deadRow) bool { return e.Holds(voc.Subject{At: d.Time}) }, &out.Dead, &out.Files)
}

// orphans takes out the voices whose contact is not there. A writer puts voices
// in place before contacts: what is found is looked at again without writers.
func (k *Keeper) orphans(ctx context.Context, contacts, voices string, removed, files *int) error {
	all, err := days(k.fs, voices)
	if err != nil {
		return err
	}
	t := voiceTable()
	t.name = voices
	for _, day := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		day := base(day)
		found, err := k.orphansOf(contacts+"/"+day, voices+"/"+day)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		if err := k.alone(ctx, func() error {
			if found, err = k.orphansOf(contacts+"/"+day, voices+"/"+day); err != nil {
				return err
			}
			names, err := dayFiles(k.fs, voices+"/"+day)
			if err != nil {
				return err
			}
			return rewriteFiles(ctx, k, t, names, func(v *voiceRow) bool { return found[version{v.RecordID, v.Revision}] }, removed, files)
		}); err != nil {
			return err
		}
	}
	return nil
}

// orphansOf returns the versions of which there are voices, but no contact.
func (k *Keeper) orphansOf(contacts, voices string) (map[version]bool, error) {
	type said struct {
		ID       string `parquet:"record_id"`
		Revision string `parquet:"revision"`
	}
	type told struct {
		ID       string `parquet:"id"`
		Revision string `parquet:"revision"`
	}
	rows, err := dayRows[said](k.fs, voices)
	if err != nil {
		return nil, err
	}
	found := map[version]bool{}
	for _, v := range rows {
		found[version{v.ID, v.Revision}] = true
	}
	there, err := dayRows[told](k.fs, contacts)
	if err != nil {
		return nil, err
	}
	for _, c := range there {
		delete(found, version{c.ID, c.Revision})
	}
	return found, nil
}

// rewrite takes rows out of the files of a table; a file that is left without
// rows goes.
func rewrite[T any](ctx context.Context, k *Keeper, t table[T], out func(*T) bool, removed, files *int) error {
	names, err := tableFiles(k.fs, t.name)
	if err != nil {
		return err
	}
	return rewriteFiles(ctx, k, t, names, out, removed, files)
}

func rewriteFiles[T any](ctx context.Context, k *Keeper, t table[T], names []string, out func(*T) bool, removed, files *int) error {
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := readRows[T](k.fs, name)
		if err != nil {
			return err
		}
		n := len(rows)
		rows = slices.DeleteFunc(rows, func(r T) bool { return out(&r) })
		if len(rows) == n {
			continue
		}
		if err := k.replaceFile(name, len(rows), func(staged string) error {
			_, _, err := t.write(k.fs, staged, rows)
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*removed += n - len(rows)
		*files++
	}
	return nil
}

// replaceFile puts a new file in the place of another, or removes it if the new
// one would hold no rows.
func (k *Keeper) replaceFile(name string, rows int, write func(staged string) error) error {
	day := name[:len(name)-len(base(name))-1]
	if rows == 0 {
		if err := k.fs.Remove(name); err != nil {
			return err
		}
		return k.fs.SyncDir(day)
	}
	staged := k.stagingName("purged.parquet")
	if err := write(staged); err != nil {
		return err
	}
	if err := k.fs.Rename(staged, name); err != nil {
		return err
	}
	return k.fs.SyncDir(day)
}
