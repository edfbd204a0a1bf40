package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Sample is the beginning of a table, as its file lays it out.
type Sample struct {
	Format   string
	Encoding string     // of text files: utf-8, utf-16 or cp932
	Rows     [][]string // without blank lines and those that cannot be split
}

// ReadSample reads the whole of a CSV, TSV or xlsx file for its encoding and
// returns its first rows, headers and what stands above them included.
func ReadSample(ctx context.Context, path string, o FileOptions, rows int) (s Sample, err error) {
	format, err := formatOf(path, o.Format)
	if err != nil {
		return Sample{}, err
	}
	if format != CSV && format != TSV && format != XLSX {
		return Sample{}, fmt.Errorf("%s: not a table of rows but %s", path, format)
	}
	files := Files{opts: o, paths: []string{path}}
	f, err := files.scan(ctx, path)
	if err != nil {
		return Sample{}, err
	}
	in, err := os.Open(path)
	if err != nil {
		return Sample{}, fmt.Errorf("open input: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	table, stop, err := openTable(f, stoppable{ctx, in}, o)
	if err != nil {
		return Sample{}, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	s = Sample{Format: format, Encoding: f.encoding}
	for range rows {
		rec, err := table.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Sample{}, fmt.Errorf("read %s: %w", path, err)
		}
		if !rec.bad {
			s.Rows = append(s.Rows, rec.cells)
		}
	}
	return s, nil
}
