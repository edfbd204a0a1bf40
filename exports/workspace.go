package exports

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// workspace is a process's place in a folder of tables: its folder under
// _staging, and its way into the ledger. Sink and Keeper have one each.
type workspace struct {
	fs     FS
	writer string // names the folder under _staging
	unlock func() error
	serial int
}

// lockName is the file by which writers and keepers stay out of each other's
// way: whoever puts files into the tables holds it shared, whoever takes files
// away or swaps folders holds it alone.
const lockName = ledgerDir + "/lock"

// enter makes the folder of this process and completes what others have left
// half done.
func (s *workspace) enter(ctx context.Context) error {
	if err := s.fs.MkdirAll(ledgerDir); err != nil {
		return err
	}
	if err := s.settle(); err != nil {
		return err
	}
	leave, err := s.acquire(ctx, lockName, true)
	if err == nil {
		err = errors.Join(s.recover(), leave())
	}
	if err != nil {
		return errors.Join(err, s.unlock())
	}
	return nil
}

// leave gives the folder up.
func (s *workspace) leave() error {
	return errors.Join(s.clear(stagingDir+"/"+s.writer), s.unlock())
}

// lookAgain is how often a lock that another process holds is asked for.
const lookAgain = 10 * time.Millisecond

// acquire waits for a lock.
func (s *workspace) acquire(ctx context.Context, name string, shared bool) (release func() error, err error) {
	for {
		release, held, err := s.fs.Lock(name, shared)
		if err != nil || held {
			return release, err
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", name, context.Cause(ctx))
		}
	}
}

// settle makes and locks this process's staging folder. Another process that
// opens at the same moment may take the folder for one that a dead process has
// left, before its lock is taken: then another folder is made.
func (s *workspace) settle() error {
	for try := 0; ; try++ {
		s.writer = strings.ToLower(rand.Text())
		dir := stagingDir + "/" + s.writer
		if err := s.fs.MkdirAll(dir); err != nil {
			return err
		}
		unlock, held, err := s.fs.Lock(dir+"/lock", false)
		if err == nil && held {
			s.unlock = unlock
			return nil
		}
		if try == 9 || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, fmt.Errorf("lock the staging folder %s", dir))
		}
	}
}

// recover places the files of all entries and removes the staging folders of
// processes that are gone. A process is known to be gone before the ledger is
// read: what it published before its end is seen.
func (s *workspace) recover() (err error) {
	gone, err := s.gone()
	defer func() {
		for _, g := range gone {
			err = errors.Join(err, g.unlock())
		}
	}()
	if err != nil {
		return err
	}
	all, err := chains(s.fs)
	if err != nil {
		return err
	}
	for _, p := range slices.SortedFunc(maps.Keys(all), voc.Partition.Compare) {
		for i := range all[p].entries {
			if err := place(s.fs, &all[p].entries[i]); err != nil {
				return err
			}
		}
	}
	for _, g := range gone {
		if err := s.clear(g.dir); err != nil {
			return fmt.Errorf("clear %s: %w", g.dir, err)
		}
	}
	return nil
}

// stale is a staging folder of a dead process, locked by this one.
type stale struct {
	dir    string
	unlock func() error
}

// gone locks the staging folders whose processes do not live.
func (s *workspace) gone() (out []stale, err error) {
	writers, err := s.fs.List(stagingDir)
	if err != nil {
		return nil, fmt.Errorf("list the staging folder: %w", err)
	}
	for _, w := range writers {
		if w == s.writer {
			continue
		}
		dir := stagingDir + "/" + w
		unlock, held, err := s.fs.Lock(dir+"/lock", false)
		switch {
		case errors.Is(err, fs.ErrNotExist): // cleared by another process meanwhile
		case err != nil:
			return out, fmt.Errorf("lock %s: %w", dir, err)
		case held:
			out = append(out, stale{dir, unlock})
		}
	}
	return out, nil
}

// clear removes a staging folder, its lock last.
func (s *workspace) clear(dir string) error {
	names, err := s.fs.List(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		switch {
		case strings.HasPrefix(n, stagedDay):
			err = s.clearDay(dir, n)
		case n != "lock":
			err = s.fs.Remove(dir + "/" + n)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(s.fs.Remove(dir+"/lock"), s.fs.Remove(dir))
}

// clearDay removes a folder that was to be swapped for a day of a table, or was
// swapped out. In that case the swap is made durable first: else a loss of
// power could bring the folder back, without its files.
func (s *workspace) clearDay(dir, name string) error {
	for _, table := range allTables() {
		there, err := s.fs.Exists(table)
		if err != nil {
			return err
		}
		if there && strings.Contains(name, "-"+table+"-"+dayPrefix) {
			if err := errors.Join(s.fs.SyncDir(table), s.fs.SyncDir(dir)); err != nil {
				return err
			}
		}
	}
	return s.empty(dir + "/" + name)
}

// empty removes a folder and the files in it.
func (s *workspace) empty(dir string) error {
	names, err := s.fs.List(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := s.fs.Remove(dir + "/" + n); err != nil {
			return err
		}
	}
	return s.fs.Remove(dir)
}

func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

func (s *workspace) stagingName(what string) string {
	s.serial++
	return fmt.Sprintf("%s/%s/%06d-%s", stagingDir, s.writer, s.serial, what)
}
