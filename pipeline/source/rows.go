package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// rows returns a function that gives the messages of a file and then io.EOF,
// and one that releases what it holds.
func (s *fileSession) rows(f file, raw io.Reader) (next func() (row, error), stop func() error, err error) {
	switch f.format {
	case JSONLines:
		return s.objects(newLines(decoded(raw, f.encoding))), nothing, nil
	case Whole:
		return whole(raw), nothing, nil
	case Mbox:
		return mbox(raw), nothing, nil
	}
	table, stop, err := openTable(f, raw, s.opts)
	if err != nil {
		return nil, nil, err
	}
	next, err = s.table(table)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", f.path, err), stop())
	}
	return next, stop, nil
}

func nothing() error { return nil }

// records gives the rows of a table until io.EOF.
type records interface{ next() (record, error) }

// openTable opens a workbook or a text of rows; the caller calls stop.
func openTable(f file, raw io.Reader, o FileOptions) (t records, stop func() error, err error) {
	if f.format == XLSX {
		w, err := openWorkbook(raw, f, o)
		if err != nil {
			return nil, nil, fmt.Errorf("open workbook %s: %w", f.path, err)
		}
		return w, w.close, nil
	}
	return &splitter{lines: newLines(decoded(raw, f.encoding)), comma: comma(f.format), literal: f.format == TSV}, nothing, nil
}

func comma(format string) byte {
	if format == TSV {
		return '\t'
	}
	return ','
}

// table reads the header and returns the rows behind it.
func (s *fileSession) table(t records) (func() (row, error), error) {
	var header record
	for i := 0; i <= s.opts.SkipRows; i++ {
		var err error
		if header, err = t.next(); errors.Is(err, io.EOF) {
			return nil, errors.New("no header line: the file is empty")
		} else if err != nil {
			return nil, err
		}
	}
	if header.bad {
		return nil, errors.New("the header line cannot be split into cells: a quotation mark stands alone")
	}
	mapped, err := s.mapr.Rows(header.cells)
	if err != nil {
		return nil, err
	}
	return func() (row, error) {
		rec, err := t.next()
		if err != nil {
			return row{}, err
		}
		if !rec.bad {
			if rec.padded {
				rec.cells = append(rec.cells, make([]string, max(0, len(header.cells)-len(rec.cells)))...)
			}
			value, err := mapped(rec.cells)
			if err == nil {
				return row{value: value}, nil
			}
			rec.raw = strings.Join(rec.cells, "\t")
		}
		return row{value: []byte(rec.raw), bad: true}, nil
	}, nil
}

func (s *fileSession) objects(l *lines) func() (row, error) {
	var mapped func([]byte) ([]byte, error)
	if s.mapr != nil {
		mapped = s.mapr.Objects()
	}
	return func() (row, error) {
		line, err := l.text()
		if err != nil || mapped == nil || len(line) > MaxRow {
			return row{value: line}, err
		}
		value, err := mapped(line)
		if err != nil {
			return row{value: line, bad: true}, nil //nolint:nilerr // the row becomes a dead letter
		}
		return row{value: value}, nil
	}
}
