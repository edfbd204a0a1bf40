package exports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Backup copies the tables and their ledger into a folder that has none, while
// writers go on: the rows in it are those below the positions in it. It returns
// how many files it copied.
func (k *Keeper) Backup(ctx context.Context, to FS) (n int, err error) {
	var files []string
	copyAll := func(names []string) error {
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := copyFile(k.fs, to, name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			n++
		}
		return nil
	}
	// No writer moves on while positions and files are listed. The files do not
	// change afterwards: only a keeper takes them away, and this is the one.
	err = k.alone(ctx, func() error {
		var err error
		for _, table := range allTables() {
			names, listErr := tableFiles(k.fs, table)
			files, err = append(files, names...), errors.Join(err, listErr)
		}
		names, listErr := k.fs.List(ledgerDir)
		if err := errors.Join(err, listErr); err != nil {
			return err
		}
		ledger := []string{formatFile}
		for _, name := range names {
			if strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".checkpoint") || name == "erased" {
				ledger = append(ledger, ledgerDir+"/"+name)
			}
		}
		return copyAll(ledger)
	})
	if err == nil {
		err = copyAll(files)
	}
	if err != nil {
		return n, hint(fmt.Errorf("back up the tables: %w", err))
	}
	return n, nil
}

// copyFile copies a file durably under the same name.
func copyFile(from, to FS, name string) (err error) {
	dir := "."
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir = name[:i]
		if err := to.MkdirAll(dir); err != nil {
			return err
		}
	}
	in, err := from.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := to.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close(), to.SyncDir(dir))
}
