package exports_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/koe-voc/koe/exports"
)

var errCrash = errors.New("crash")

// node is a file or a folder: what programs see and what would survive. A
// folder that is moved takes what is in it along, as an inode does.
type node struct {
	seen, synced  []byte           // of a file
	names, stable map[string]*node // of a folder; nil in a file
}

func folder() *node { return &node{names: map[string]*node{}, stable: map[string]*node{}} }

// memFS keeps what is synced apart from what is not. A crash leaves the synced
// contents of the files whose names were synced. crashAt counts the calls that
// change something; the one that reaches it, and all after it, fail.
type memFS struct {
	root    *node
	locks   map[string]int // holders; −1: one alone
	swaps   []swapped      // not durable yet
	calls   int
	crashAt int   // 0: never
	failAt  int   // this call alone fails with fail; 0: never
	fail    error // such as ENOSPC
}

// swapped is an exchange. A journal makes both of its halves durable at once.
type swapped struct {
	a, b         *node // the folders of the names
	nameA, nameB string
}

func newMemFS() *memFS { return &memFS{root: folder(), locks: map[string]int{}} }

// kill is the file system after the end of the process: what was written is
// seen, but not durable yet. Locks are gone.
func (m *memFS) kill() *memFS {
	copies := map[*node]*node{}
	n := newMemFS()
	n.root = copyNode(m.root, copies)
	for _, s := range m.swaps {
		n.swaps = append(n.swaps, swapped{copyNode(s.a, copies), copyNode(s.b, copies), s.nameA, s.nameB})
	}
	return n
}

func copyNode(n *node, copies map[*node]*node) *node {
	if n == nil || copies[n] != nil {
		return copies[n]
	}
	c := &node{seen: slices.Clone(n.seen), synced: slices.Clone(n.synced)}
	copies[n] = c
	if n.names != nil {
		c.names, c.stable = map[string]*node{}, map[string]*node{}
		for name, k := range n.names {
			c.names[name] = copyNode(k, copies)
		}
		for name, k := range n.stable {
			c.stable[name] = copyNode(k, copies)
		}
	}
	return c
}

// reboot is the file system after the crash.
func (m *memFS) reboot() *memFS {
	n := newMemFS()
	n.root = stableNode(m.root)
	return n
}

func stableNode(n *node) *node {
	if n.names == nil {
		return &node{seen: slices.Clone(n.synced), synced: slices.Clone(n.synced)}
	}
	f := folder()
	for name, k := range n.stable {
		c := stableNode(k)
		f.names[name], f.stable[name] = c, c
	}
	return f
}

func (m *memFS) step() error {
	m.calls++
	if m.crashAt > 0 && m.calls >= m.crashAt {
		return errCrash
	}
	if m.calls == m.failAt {
		return m.fail
	}
	return nil
}

// find returns the node of a name, nil if there is none.
func (m *memFS) find(name string) *node {
	n := m.root
	if name == "." {
		return n
	}
	for part := range strings.SplitSeq(name, "/") {
		if n = n.names[part]; n == nil {
			return nil
		}
	}
	return n
}

// at returns the folder of a name and its last part.
func (m *memFS) at(name string) (dir *node, base string) {
	dir = m.find(path.Dir(name))
	if dir == nil {
		dir = folder() // nothing that is put here is found again
	}
	return dir, path.Base(name)
}

// files lists the files by name.
func (m *memFS) files() map[string]*node {
	out := map[string]*node{}
	var walk func(string, *node)
	walk = func(name string, n *node) {
		if n.names == nil {
			out[name] = n
		}
		for k, c := range n.names {
			walk(path.Join(name, k), c)
		}
	}
	walk("", m.root)
	return out
}

type memFile struct {
	fs *memFS
	n  *node
}

func (f memFile) Write(b []byte) (int, error) {
	if err := f.fs.step(); err != nil {
		return 0, err
	}
	f.n.seen = append(f.n.seen, b...)
	return len(b), nil
}

func (f memFile) Cut(offset int64) error {
	if err := f.fs.step(); err != nil {
		return err
	}
	f.n.seen = f.n.seen[:offset:offset]
	return nil
}

func (f memFile) Sync() error {
	if err := f.fs.step(); err != nil {
		return err
	}
	f.n.synced = slices.Clone(f.n.seen)
	return nil
}
func (f memFile) Close() error { return nil }

func (m *memFS) Create(name string) (exports.File, error) {
	if err := m.step(); err != nil {
		return nil, err
	}
	if m.find(path.Dir(name)) == nil {
		return nil, fs.ErrNotExist
	}
	dir, base := m.at(name)
	if dir.names[base] != nil {
		return nil, fs.ErrExist
	}
	n := &node{}
	dir.names[base] = n
	return memFile{m, n}, nil
}

func (m *memFS) Open(name string) (io.ReadCloser, error) {
	n := m.find(name)
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(n.seen)), nil
}

func (m *memFS) Link(from, to string) error {
	if err := m.step(); err != nil {
		return err
	}
	n := m.find(from)
	dir, base := m.at(to)
	if dir.names[base] != nil {
		return fs.ErrExist
	}
	if n == nil {
		return fs.ErrNotExist
	}
	dir.names[base] = n
	return nil
}

func (m *memFS) Rename(from, to string) error {
	if err := m.step(); err != nil {
		return err
	}
	n := m.find(from)
	if n == nil || m.find(path.Dir(to)) == nil {
		return fs.ErrNotExist
	}
	old, oldBase := m.at(from)
	dir, base := m.at(to)
	delete(old.names, oldBase)
	dir.names[base] = n
	return nil
}

func (m *memFS) Exchange(a, b string) error {
	if err := m.step(); err != nil {
		return err
	}
	dirA, nameA := m.at(a)
	dirB, nameB := m.at(b)
	if dirA.names[nameA] == nil || dirB.names[nameB] == nil {
		return fs.ErrNotExist
	}
	dirA.names[nameA], dirB.names[nameB] = dirB.names[nameB], dirA.names[nameA]
	m.swaps = append(m.swaps, swapped{dirA, dirB, nameA, nameB})
	return nil
}

func (m *memFS) Remove(name string) error {
	if err := m.step(); err != nil {
		return err
	}
	n := m.find(name)
	if n == nil {
		return fs.ErrNotExist
	}
	if len(n.names) > 0 {
		return errors.New("the folder is not empty")
	}
	dir, base := m.at(name)
	delete(dir.names, base)
	return nil
}

func (m *memFS) MkdirAll(name string) error {
	if err := m.step(); err != nil {
		return err
	}
	n := m.root
	for part := range strings.SplitSeq(name, "/") {
		if n.names[part] == nil {
			f := folder()
			n.names[part], n.stable[part] = f, f
		}
		n = n.names[part]
	}
	return nil
}

func (m *memFS) List(name string) ([]string, error) {
	n := m.find(name)
	if n == nil {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(n.names)), nil
}

func (m *memFS) Exists(name string) (bool, error) { return m.find(name) != nil, nil }

// SyncDir makes the names in a folder durable: those that are there and those
// that are gone.
func (m *memFS) SyncDir(name string) error {
	if err := m.step(); err != nil {
		return err
	}
	n := m.find(name)
	if n == nil {
		return fs.ErrNotExist
	}
	n.stable = maps.Clone(n.names)
	m.swaps = slices.DeleteFunc(m.swaps, func(s swapped) bool {
		if s.a != n && s.b != n {
			return false
		}
		s.a.stable[s.nameA], s.b.stable[s.nameB] = s.a.names[s.nameA], s.b.names[s.nameB]
		if s.a.names[s.nameA] == nil { // what was swapped out is removed already
			delete(s.a.stable, s.nameA)
		}
		return true
	})
	return nil
}

func (m *memFS) Lock(name string, shared bool) (func() error, bool, error) {
	dir, base := m.at(name)
	if m.find(path.Dir(name)) == nil {
		return nil, false, fs.ErrNotExist
	}
	switch n := m.locks[name]; {
	case n < 0, n > 0 && !shared:
		return nil, false, nil
	case shared:
		m.locks[name]++
	default:
		m.locks[name] = -1
	}
	if dir.names[base] == nil {
		dir.names[base] = &node{}
	}
	return func() error {
		if m.locks[name]--; m.locks[name] < 0 {
			m.locks[name] = 0
		}
		return nil
	}, true, nil
}
