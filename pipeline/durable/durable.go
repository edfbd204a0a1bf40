// Package durable replaces small files of state so that a crash leaves the old
// one or the new one, never a part. It is not for tables or indexes, whose
// commits have more than one file.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes data to a file that only its owner may read, in the place of
// what has that name, and makes its folder if there is none. When it returns
// without an error, file and name outlast a loss of power.
func Replace(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
