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

// node is a file: what programs see and what would survive.
type node struct{ seen, synced []byte }

// memFS keeps what is synced apart from what is not. A crash leaves the synced
// contents of the files whose names were synced. crashAt counts the calls that
// change something; the one that reaches it, and all after it, fail.
type memFS struct {
	names   map[string]*node // as programs see them
	durable map[string]*node
	dirs    map[string]bool
	locks   map[string]bool
	calls   int
	crashAt int   // 0: never
	failAt  int   // this call alone fails with fail; 0: never
	fail    error // such as ENOSPC
}

func newMemFS() *memFS {
	return &memFS{names: map[string]*node{}, durable: map[string]*node{}, dirs: map[string]bool{".": true}, locks: map[string]bool{}}
}

// kill is the file system after the end of the process: what was written is
// seen, but not durable yet. Locks are gone.
func (m *memFS) kill() *memFS {
	n := newMemFS()
	n.dirs = maps.Clone(m.dirs)
	copies := map[*node]*node{}
	for _, names := range []map[string]*node{m.names, m.durable} {
		for _, f := range names {
			copies[f] = &node{slices.Clone(f.seen), slices.Clone(f.synced)}
		}
	}
	for name, f := range m.names {
		n.names[name] = copies[f]
	}
	for name, f := range m.durable {
		n.durable[name] = copies[f]
	}
	return n
}

// reboot is the file system after the crash.
func (m *memFS) reboot() *memFS {
	n := newMemFS()
	n.dirs = maps.Clone(m.dirs)
	for name, f := range m.durable {
		g := &node{slices.Clone(f.synced), slices.Clone(f.synced)}
		n.names[name], n.durable[name] = g, g
		for d := path.Dir(name); d != "."; d = path.Dir(d) {
			n.dirs[d] = true
		}
	}
	return n
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
	if m.names[name] != nil {
		return nil, fs.ErrExist
	}
	if !m.dirs[path.Dir(name)] {
		return nil, fs.ErrNotExist
	}
	n := &node{}
	m.names[name] = n
	return memFile{m, n}, nil
}

func (m *memFS) Open(name string) (io.ReadCloser, error) {
	n := m.names[name]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(n.seen)), nil
}

func (m *memFS) Link(from, to string) error {
	if err := m.step(); err != nil {
		return err
	}
	if m.names[to] != nil {
		return fs.ErrExist
	}
	if m.names[from] == nil {
		return fs.ErrNotExist
	}
	m.names[to] = m.names[from]
	return nil
}

func (m *memFS) Rename(from, to string) error {
	if err := m.step(); err != nil {
		return err
	}
	if m.names[from] == nil {
		return fs.ErrNotExist
	}
	m.names[to] = m.names[from]
	delete(m.names, from)
	return nil
}

func (m *memFS) Remove(name string) error {
	if err := m.step(); err != nil {
		return err
	}
	if m.names[name] == nil && !m.dirs[name] && !m.locks[name] {
		return fs.ErrNotExist
	}
	delete(m.names, name)
	delete(m.dirs, name)
	return nil
}

func (m *memFS) MkdirAll(name string) error {
	if err := m.step(); err != nil {
		return err
	}
	for d := name; d != "."; d = path.Dir(d) {
		m.dirs[d] = true
	}
	return nil
}

func (m *memFS) List(name string) ([]string, error) {
	seen := map[string]bool{}
	add := func(k string) {
		if rest, ok := strings.CutPrefix(k, name+"/"); ok {
			first, _, _ := strings.Cut(rest, "/")
			seen[first] = true
		}
	}
	for k := range m.names {
		add(k)
	}
	for k := range m.dirs {
		add(k)
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

func (m *memFS) Exists(name string) (bool, error) { return m.names[name] != nil || m.dirs[name], nil }

// SyncDir makes the names in a folder durable: those that are there and those
// that are gone.
func (m *memFS) SyncDir(name string) error {
	if err := m.step(); err != nil {
		return err
	}
	for k := range m.durable {
		if path.Dir(k) == name && m.names[k] == nil {
			delete(m.durable, k)
		}
	}
	for k, n := range m.names {
		if path.Dir(k) == name {
			m.durable[k] = n
		}
	}
	return nil
}

func (m *memFS) Lock(name string) (func() error, bool, error) {
	if m.locks[name] {
		return nil, false, nil
	}
	m.locks[name] = true
	m.names[name] = &node{}
	return func() error { delete(m.locks, name); return nil }, true, nil
}
