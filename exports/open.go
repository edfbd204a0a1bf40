package exports

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

func (s *Sink) open() error {
	if err := s.fs.MkdirAll(ledgerDir); err != nil {
		return err
	}
	if err := s.settle(); err != nil {
		return err
	}
	if err := s.checkFormat(); err != nil {
		return errors.Join(err, s.unlock())
	}
	if err := s.recover(); err != nil {
		return errors.Join(err, s.unlock())
	}
	return nil
}

// settle makes and locks this process's staging folder. Another process that
// opens at the same moment may take the folder for one that a dead process has
// left, before its lock is taken: then another folder is made.
func (s *Sink) settle() error {
	for try := 0; ; try++ {
		s.writer = strings.ToLower(rand.Text())
		dir := stagingDir + "/" + s.writer
		if err := s.fs.MkdirAll(dir); err != nil {
			return err
		}
		unlock, held, err := s.fs.Lock(dir + "/lock")
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
func (s *Sink) recover() (err error) {
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
func (s *Sink) gone() (out []stale, err error) {
	writers, err := s.fs.List(stagingDir)
	if err != nil {
		return nil, fmt.Errorf("list the staging folder: %w", err)
	}
	for _, w := range writers {
		if w == s.writer {
			continue
		}
		dir := stagingDir + "/" + w
		unlock, held, err := s.fs.Lock(dir + "/lock")
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
func (s *Sink) clear(dir string) error {
	names, err := s.fs.List(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n != "lock" {
			if err := s.fs.Remove(dir + "/" + n); err != nil {
				return err
			}
		}
	}
	return errors.Join(s.fs.Remove(dir+"/lock"), s.fs.Remove(dir))
}

func (s *Sink) stagingName(what string) string {
	s.serial++
	return fmt.Sprintf("%s/%s/%06d-%s", stagingDir, s.writer, s.serial, what)
}

// checkFormat compares the format file with what is wanted, and writes it where
// it is new or did not know the cluster.
func (s *Sink) checkFormat() error {
	have, err := readFormat(s.fs)
	if err != nil {
		return err
	}
	want := layout{version: formatVersion, zone: s.loc.String(), cluster: s.opt.Cluster}
	switch {
	case have == layout{}:
	case have.version != want.version:
		return fmt.Errorf("the folder has format %s, this koe writes %s; use the koe that made it, or another folder", have.version, want.version)
	case have.zone != want.zone:
		return fmt.Errorf("the folder was made with zone %s, now it is %s; use the zone it was made with, or another folder", have.zone, want.zone)
	case want.cluster == "" || have.cluster == want.cluster:
		return nil
	case have.cluster != "":
		return fmt.Errorf("the folder holds positions of Kafka cluster %s, now it is %s; use another folder for another cluster", have.cluster, want.cluster)
	}
	tmp := s.stagingName("format")
	f, err := s.fs.Create(tmp)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, want.String())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := s.fs.Rename(tmp, formatFile); err != nil {
		return err
	}
	return s.fs.SyncDir(".")
}

const (
	formatFile    = "format"
	formatVersion = "1"
)

// layout is what the format file fixes.
type layout struct{ version, zone, cluster string }

func (l layout) String() string {
	out := "koe exports " + l.version + "\nzone " + l.zone + "\n"
	if l.cluster != "" {
		out += "cluster " + l.cluster + "\n"
	}
	return out
}

// readFormat returns the zero layout if there is no file.
func readFormat(fsys FS) (l layout, err error) {
	f, err := fsys.Open(formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err := errors.Join(err, f.Close()); err != nil {
		return l, err
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if v, ok := strings.CutPrefix(line, "koe exports "); ok {
			l.version = v
		} else if v, ok := strings.CutPrefix(line, "zone "); ok {
			l.zone = v
		} else if v, ok := strings.CutPrefix(line, "cluster "); ok {
			l.cluster = v
		}
	}
	if l.version == "" || l.zone == "" {
		return l, errors.New("the file format is not koe's; name another folder with --out, or restore the file from a backup")
	}
	return l, nil
}
