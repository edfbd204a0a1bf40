package exports

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const (
	ledgerDir  = "_ledger"
	stagingDir = "_staging"
)

// entry is a commit point: offsets [From, To) of a partition and the files
// that hold what became of them.
type entry struct {
	Topic      string    `json:"topic"`
	Partition  int       `json:"partition"`
	From       int64     `json:"from"`
	To         int64     `json:"to"`
	Files      []file    `json:"files,omitempty"`
	Definition []string  `json:"definition_versions,omitempty"`
	At         time.Time `json:"at"`
}

// file is a table's file of one day.
type file struct {
	Table  string `json:"table"`
	Day    string `json:"day"`
	Staged string `json:"staged"`
	Path   string `json:"path"`
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (e *entry) part() voc.Partition { return voc.Partition{Topic: e.Topic, ID: e.Partition} }

func partName(p voc.Partition) string { return p.Topic + "-" + strconv.Itoa(p.ID) }

// entryName sorts by From within a partition: 19 digits hold an int64.
func entryName(p voc.Partition, from int64) string {
	return fmt.Sprintf("%s/%s-%019d.json", ledgerDir, partName(p), from)
}

func checkpointName(p voc.Partition) string { return ledgerDir + "/" + partName(p) + ".checkpoint" }

// checkpoint stands for the entries below To, which are gone.
type checkpoint struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	To        int64  `json:"to"`
	Entries   int64  `json:"entries"`
}

// chain is the ledger of one partition.
type chain struct {
	to      int64
	folded  checkpoint
	entries []entry // above the checkpoint, in order
}

// chains reads the whole ledger and makes sure that what it read is durable: a
// writer may have died between the link of an entry and the sync of its folder.
// Files are moved only after that. A gap in a chain is an error: something
// outside koe has removed an entry.
func chains(fsys FS) (map[voc.Partition]*chain, error) {
	for {
		out, err := readChains(fsys)
		if err == nil {
			err = fsys.SyncDir(ledgerDir)
		}
		// Another process may fold entries between the listing and the reading.
		// Each round it has folded more, so the rounds end.
		if !errors.Is(err, errFolded) {
			return out, err
		}
	}
}

// errFolded says that an entry went while the ledger was read.
var errFolded = errors.New("the ledger was folded meanwhile")

func readChains(fsys FS) (map[voc.Partition]*chain, error) {
	names, err := fsys.List(ledgerDir)
	if err != nil {
		return nil, fmt.Errorf("list the ledger: %w", err)
	}
	out := map[voc.Partition]*chain{}
	at := func(p voc.Partition) *chain {
		if out[p] == nil {
			out[p] = &chain{}
		}
		return out[p]
	}
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, ".checkpoint"):
			var c checkpoint
			if err := readJSON(fsys, ledgerDir+"/"+name, &c); err != nil {
				return nil, err
			}
			at(voc.Partition{Topic: c.Topic, ID: c.Partition}).folded = c
		case strings.HasSuffix(name, ".json"):
			var e entry
			if err := readJSON(fsys, ledgerDir+"/"+name, &e); errors.Is(err, fs.ErrNotExist) {
				return nil, errFolded
			} else if err != nil {
				return nil, err
			}
			c := at(e.part())
			c.entries = append(c.entries, e)
		}
	}
	for p, c := range out {
		// An entry below the checkpoint was published by a writer that had lost
		// its partition, and crashed before it saw that.
		c.entries = slices.DeleteFunc(c.entries, func(e entry) bool { return e.From < c.folded.To })
		slices.SortFunc(c.entries, func(a, b entry) int { return cmp.Compare(a.From, b.From) })
		c.to = c.folded.To
		for _, e := range c.entries {
			if e.From != c.to {
				if now, err := readCheckpoint(fsys, p); err == nil && now.To != c.folded.To {
					return nil, errFolded
				}
				return nil, fmt.Errorf("ledger of %s: no entry from %d; restore %s from a backup", p, c.to, entryName(p, c.to))
			}
			c.to = e.To
		}
	}
	return out, nil
}

// readCheckpoint returns the zero checkpoint if there is none.
func readCheckpoint(fsys FS, p voc.Partition) (c checkpoint, err error) {
	err = readJSON(fsys, checkpointName(p), &c)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return c, err
}

func readJSON(fsys FS, name string, v any) error {
	f, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	data, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read ledger %s: %w", name, err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read ledger %s: %w", name, err)
	}
	return nil
}

// put writes v durably under a name that is free; fs.ErrExist if it is not.
func (s *workspace) put(name string, v any) error {
	tmp, err := s.writeTemp(v)
	if err != nil {
		return err
	}
	err = s.fs.Link(tmp, name)
	if err := cmp.Or(err, s.fs.Remove(tmp)); err != nil {
		return err
	}
	return s.fs.SyncDir(ledgerDir)
}

// writeTemp writes v under the staging folder and syncs it.
func (s *workspace) writeTemp(v any) (name string, err error) {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return "", err
	}
	name = s.stagingName("ledger")
	f, err := s.fs.Create(name)
	if err != nil {
		return "", err
	}
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = s.fs.Remove(name) // half a file: the error that made it so is told
	}
	return name, err
}

// publish commits e. It returns an error that wraps voc.ErrSuperseded if
// another writer has published from the same position.
func (s *workspace) publish(e *entry) error {
	name := entryName(e.part(), e.From)
	err := s.put(name, e)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("publish %s: %w", name, voc.ErrSuperseded)
	}
	if err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	// The name may be free because the entry that had it was folded.
	c, err := readCheckpoint(s.fs, e.part())
	if err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	if c.To > e.From {
		if err := s.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("withdraw %s: %w", name, err)
		}
		return fmt.Errorf("publish %s: %w", name, voc.ErrSuperseded)
	}
	return nil
}

// place renames the files of an entry to where they belong, in the entry's
// order. It may be repeated, also by several processes at the same time.
func place(fsys FS, e *entry) error {
	dirs := map[string]bool{}
	for _, f := range e.Files {
		done, err := fsys.Exists(f.Path)
		if err != nil {
			return fmt.Errorf("look for %s: %w", f.Path, err)
		}
		if done {
			continue
		}
		dir := f.Path[:strings.LastIndexByte(f.Path, '/')]
		if err := fsys.MkdirAll(dir); err != nil {
			return fmt.Errorf("make %s: %w", dir, err)
		}
		if err := fsys.Rename(f.Staged, f.Path); err != nil {
			if done, lookErr := fsys.Exists(f.Path); lookErr != nil || !done {
				return fmt.Errorf("the ledger names %s, which is neither there nor staged; restore it from a backup: %w", f.Path, err)
			}
		}
		dirs[dir] = true
	}
	for dir := range dirs {
		if err := fsys.SyncDir(dir); err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
	}
	return nil
}

// fold replaces old entries by a checkpoint, but for the last ones that are to
// be kept. Their files are in place.
func (s *workspace) fold(p voc.Partition, c *chain, keep int) error {
	// A compaction or an erasure may have folded them meanwhile.
	now, err := readCheckpoint(s.fs, p)
	if err != nil {
		return fmt.Errorf("fold the ledger of %s: %w", p, err)
	}
	if now.To > c.folded.To {
		c.folded = now
		c.entries = slices.DeleteFunc(c.entries, func(e entry) bool { return e.From < now.To })
	}
	if len(c.entries) <= keep {
		return nil
	}
	old := c.entries[:len(c.entries)-keep]
	next := checkpoint{p.Topic, p.ID, old[len(old)-1].To, c.folded.Entries + int64(len(old))}
	tmp, err := s.writeTemp(next)
	if err == nil {
		err = s.fs.Rename(tmp, checkpointName(p))
	}
	if err == nil {
		err = s.fs.SyncDir(ledgerDir)
	}
	if err != nil {
		return fmt.Errorf("fold the ledger of %s: %w", p, err)
	}
	for _, e := range old {
		if err := s.fs.Remove(entryName(p, e.From)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("fold the ledger of %s: %w", p, err)
		}
	}
	c.folded, c.entries = next, slices.Clone(c.entries[len(old):])
	return nil
}
