package weekly

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// Written is an export that lies in a folder.
type Written struct {
	Week    Week
	Options Applied  // with which it was made
	Quoted  []string // record ids of its quotes, in order, each once
}

// Exports lists the exports under dir, which need not be there. What has no
// manifest is left out.
func Exports(dir string) ([]Written, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list weekly exports: %w", err)
	}
	var out []Written
	for _, e := range entries {
		week, err := ParseWeek(e.Name())
		if err != nil {
			continue
		}
		w, err := written(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read weekly export %s: %w", week, err)
		}
		w.Week = week
		out = append(out, w)
	}
	return out, nil
}

func written(folder string) (w Written, err error) {
	data, err := os.ReadFile(filepath.Join(folder, manifestName)) //nolint:gosec // its own file
	if err != nil {
		return w, err
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return w, err
	}
	w.Options = m.Options
	type row struct {
		Quotes []quoteRow `parquet:"quotes,list"`
	}
	rows, err := parquet.ReadFile[row](filepath.Join(folder, parquetName))
	if err != nil {
		return w, err
	}
	for _, r := range rows {
		for _, q := range r.Quotes {
			w.Quoted = append(w.Quoted, q.RecordID)
		}
	}
	slices.Sort(w.Quoted)
	w.Quoted = slices.Compact(w.Quoted)
	return w, nil
}
