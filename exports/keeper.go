package exports

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Keeper looks after tables that other processes may be writing and reading at
// the same time: it joins small files, writes the tables of what stands, and
// takes out what was erased. One keeper works at a time; others wait in
// OpenKeeper. It is used by one goroutine.
type Keeper struct {
	*workspace
	loc    *time.Location
	now    func() time.Time
	finish func() error
}

// OpenKeeper opens the tables under o.FS; of o, only FS, Location and Now count.
// Close gives them back.
func OpenKeeper(ctx context.Context, o Options) (*Keeper, error) {
	if o.FS == nil || o.Location == nil {
		return nil, errors.New("open keeper: no folder or no time zone")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	k := &Keeper{workspace: &workspace{fs: o.FS}, loc: o.Location, now: o.Now}
	err := k.fs.MkdirAll(ledgerDir)
	if err == nil {
		k.finish, err = k.acquire(ctx, ledgerDir+"/keeper", false)
	}
	if err != nil {
		return nil, hint(fmt.Errorf("open keeper: %w", err))
	}
	if err := k.enter(ctx); err != nil {
		return nil, hint(fmt.Errorf("open keeper: %w", errors.Join(err, k.finish())))
	}
	if err := k.checkFormat(o.Location, ""); err != nil {
		return nil, hint(fmt.Errorf("open keeper: %w", errors.Join(err, k.Close())))
	}
	return k, nil
}

// Close gives up what the keeper holds.
func (k *Keeper) Close() error { return errors.Join(k.leave(), k.finish()) }

// alone does something that takes files away from the tables or swaps them,
// while no writer puts files there. Before, all entries of the ledger are
// folded: none names a file that may go.
func (k *Keeper) alone(ctx context.Context, do func() error) (err error) {
	leave, err := k.acquire(ctx, lockName, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave()) }()
	all, err := chains(k.fs)
	if err != nil {
		return err
	}
	for _, p := range slices.SortedFunc(maps.Keys(all), voc.Partition.Compare) {
		for i := range all[p].entries {
			if err := place(k.fs, &all[p].entries[i]); err != nil {
				return err
			}
		}
		if err := k.fold(p, all[p], 0); err != nil {
			return err
		}
	}
	return do()
}

// swap puts files, which lie in a folder of this process, in the place of a day
// of a table: whoever lists the day sees the old files or the new ones.
func (k *Keeper) swap(staged, day string) error {
	table, _, _ := strings.Cut(day, "/")
	if err := k.fs.SyncDir(staged); err != nil {
		return err
	}
	if err := k.fs.MkdirAll(day); err != nil {
		return err
	}
	if err := k.fs.Exchange(staged, day); err != nil {
		return err
	}
	return errors.Join(k.fs.SyncDir(table), k.fs.SyncDir(stagingDir+"/"+k.writer), k.empty(staged))
}

// stagedDay begins the name of a staged folder that is swapped for a day.
const stagedDay = "day-"

// stageDay makes an empty folder for the files of a day such as
// contacts/dt=2026-10-05.
func (k *Keeper) stageDay(day string) (string, error) {
	k.serial++
	name := fmt.Sprintf("%s/%s/%s%06d-%s", stagingDir, k.writer, stagedDay, k.serial, strings.ReplaceAll(day, "/", "-"))
	return name, k.fs.MkdirAll(name)
}
