package exports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// FS is what the sink asks of a file system. Names are relative to its root,
// with slashes. A method's effect is durable only after the Sync of the file,
// or the SyncDir of the folder, that it touched.
type FS interface {
	// Create makes a file that is not there yet.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (io.ReadCloser, error)
	// Link gives a file a second name; fs.ErrExist if the name is taken.
	Link(from, to string) error
	Rename(from, to string) error
	// Exchange swaps two folders in one step.
	Exchange(a, b string) error
	Remove(name string) error
	// MkdirAll makes a folder and its parents, durably.
	MkdirAll(name string) error
	// List returns the names in a folder in order, none if it is not there.
	List(name string) ([]string, error)
	Exists(name string) (bool, error)
	SyncDir(name string) error
	// Lock takes a lock on a file, which it makes if needed: a shared one beside
	// other shared ones, or an exclusive one. held is false if another holder is
	// in the way. The lock goes with unlock or the process.
	Lock(name string, shared bool) (unlock func() error, held bool, err error)
}

// File is a file that is being written.
type File interface {
	io.Writer
	// Cut drops everything from offset on; writing goes on there.
	Cut(offset int64) error
	Sync() error
	Close() error
}

// Dir returns the FS of a folder of the operating system.
func Dir(root string) FS { return osFS(root) }

type osFS string

func (d osFS) path(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

type osFile struct{ *os.File }

func (f osFile) Cut(offset int64) error {
	if err := f.Truncate(offset); err != nil {
		return err
	}
	_, err := f.Seek(offset, io.SeekStart)
	return err
}

func (d osFS) Create(name string) (File, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // tables are for other programs to read
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d osFS) Open(name string) (io.ReadCloser, error) { return os.Open(d.path(name)) }
func (d osFS) Link(from, to string) error              { return os.Link(d.path(from), d.path(to)) }
func (d osFS) Rename(from, to string) error            { return os.Rename(d.path(from), d.path(to)) }
func (d osFS) Exchange(a, b string) error              { return Exchange(d.path(a), d.path(b)) }
func (d osFS) Remove(name string) error                { return os.Remove(d.path(name)) }

func (d osFS) MkdirAll(name string) error {
	ok, err := d.Exists(name)
	if ok || err != nil {
		return err
	}
	if parent := filepath.ToSlash(filepath.Dir(filepath.FromSlash(name))); parent != "." && parent != name {
		if err := d.MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(d.path(name), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.SyncDir(filepath.ToSlash(filepath.Dir(filepath.FromSlash(name))))
}

func (d osFS) List(name string) ([]string, error) {
	entries, err := os.ReadDir(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (d osFS) Exists(name string) (bool, error) {
	_, err := os.Lstat(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (d osFS) SyncDir(name string) (err error) {
	f, err := os.Open(d.path(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}

func (d osFS) Lock(name string, shared bool) (func() error, bool, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, f.Close()
	}
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("lock %s: %w", name, err), f.Close())
	}
	return f.Close, true, nil
}
