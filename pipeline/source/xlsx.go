package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The limits of a workbook: its file is held in memory, its unpacked sheets in
// temporary files. A sheet has at most 1,048,576 rows, which with the 256
// bytes of a long call note are 256 MiB.
const (
	maxWorkbook = 256 << 20
	maxUnzipped = 4 << 30
)

// workbook gives the rows of one sheet.
type workbook struct {
	file *excelize.File
	rows *excelize.Rows
}

// openWorkbook reads all of raw. Cells come as they are stored: dates as days
// since 1899-12-30, numbers unformatted.
func openWorkbook(raw io.Reader, f file, o FileOptions) (*workbook, error) {
	if f.size > maxWorkbook {
		return nil, fmt.Errorf("larger than %d MiB; save the sheet as CSV", maxWorkbook>>20)
	}
	data, err := io.ReadAll(raw)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.sum {
		return nil, errors.New("the file changed while it was read; load it again when nobody writes to it")
	}
	x, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped, TmpDir: o.TempDir})
	if err != nil {
		return nil, fmt.Errorf("not a workbook that can be read, or one with a password: %w", err)
	}
	w := &workbook{file: x}
	if err := w.sheet(o.Sheet); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *workbook) sheet(name string) error {
	if p, err := w.file.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		return errors.New("it counts days from 1904; save it with the option \"1904 date system\" off")
	}
	sheets := w.file.GetSheetList()
	if name == "" && len(sheets) > 0 {
		name = sheets[0]
	}
	rows, err := w.file.Rows(name)
	if err != nil {
		return fmt.Errorf("sheet %q: %w; the workbook has %d: %s", name, err, len(sheets), strings.Join(sheets, ", "))
	}
	w.rows = rows
	return nil
}

// next returns the next row that is not blank.
func (w *workbook) next() (record, error) {
	for w.rows.Next() {
		cells, err := w.rows.Columns()
		if err != nil {
			return record{}, err
		}
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			return record{cells: cells, padded: true}, nil
		}
	}
	if err := w.rows.Error(); err != nil {
		return record{}, err
	}
	return record{}, io.EOF
}

func (w *workbook) close() error {
	var err error
	if w.rows != nil {
		err = w.rows.Close()
	}
	return errors.Join(err, w.file.Close())
}
