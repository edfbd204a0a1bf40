package weekly

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"
)

// The sheets, in order.
const (
	sheetSummary = "サマリー"
	sheetTopics  = "トピック"
	sheetQuotes  = "引用"
	sheetTerms   = "定義"
)

// font is on every Windows and Mac that has Excel; LibreOffice falls back.
const font = "Yu Gothic"

// workbook draws the report. The same report gives the same bytes.
func (r *Report) workbook() (data []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if cl := f.Close(); err == nil {
			err = cl
		}
	}()
	b := &book{f: f, styles: map[look]int{}}
	b.do(f.SetDefaultFont(font))
	b.do(f.SetSheetName("Sheet1", sheetSummary))
	for _, name := range []string{sheetTopics, sheetQuotes, sheetTerms} {
		_, err := f.NewSheet(name)
		b.do(err)
	}
	r.summarySheet(b.sheet(sheetSummary, 34, 13, 13, 13, 15, 15, 17, 18))
	r.topicSheet(b.sheet(sheetTopics, 6, 20, 16, 22, 16, 30, 10, 9, 8, 10, 10, 9, 8, 16, 7, 60))
	r.quoteSheet(b.sheet(sheetQuotes, 6, 20, 16, 22, 16, 70, 26, 12, 12, 24))
	r.termSheet(b.sheet(sheetTerms, 18, 30, 90))
	created := r.CreatedAt.Format(time.RFC3339)
	b.do(f.SetDocProps(&excelize.DocProperties{Title: "週次話題レポート " + r.Week.String(), Creator: "koe", LastModifiedBy: "koe", Created: created, Modified: created, Language: "ja-JP"}))
	if b.err != nil {
		return nil, b.err
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, err
	}
	return settle(out.Bytes())
}

// contentDefault is an entry of a workbook's list of content types.
var contentDefault = regexp.MustCompile(`<Default [^>]*></Default>`)

// settle packs a workbook anew with its content types in order: excelize lists
// them as a map yields them, and the same report shall give the same bytes.
func settle(book []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		if part.Name == "[Content_Types].xml" {
			types := contentDefault.FindAll(data, -1)
			slices.SortFunc(types, bytes.Compare)
			head, tail, _ := bytes.Cut(contentDefault.ReplaceAll(data, nil), []byte("<Override"))
			data = slices.Concat(head, bytes.Join(types, nil), []byte("<Override"), tail)
		}
		f, err := w.Create(part.Name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// look is how a cell shows its value.
type look int

const (
	plain look = iota
	wrapped
	note
	title
	heading
	head
	warning
	count  // 1,234
	mean   // 12.3
	change // +1.5
	ratio  // +12%
	share  // 3.4%
)

func (l look) style() *excelize.Style {
	format := func(s string) *excelize.Style {
		return &excelize.Style{CustomNumFmt: &s, Alignment: &excelize.Alignment{Vertical: "top"}}
	}
	switch l {
	case note:
		return &excelize.Style{Font: &excelize.Font{Family: font}}
	case title:
		return &excelize.Style{Font: &excelize.Font{Bold: true, Size: 16, Family: font}}
	case heading:
		return &excelize.Style{Font: &excelize.Font{Bold: true, Size: 12, Family: font, Color: "1F4E79"}}
	case head:
		return &excelize.Style{
			Font: &excelize.Font{Bold: true, Family: font}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}},
			Border:    []excelize.Border{{Type: "bottom", Color: "9BC2E6", Style: 1}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
		}
	case warning:
		return &excelize.Style{Font: &excelize.Font{Bold: true, Family: font, Color: "C00000"}}
	case wrapped:
		return &excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}
	case count:
		return format("#,##0")
	case mean:
		return format("#,##0.0")
	case change:
		return format("+#,##0.0;-#,##0.0;0.0")
	case ratio:
		return format("+0%;-0%;0%")
	case share:
		return format("0.0%")
	default:
		// An indent parts text from the number in the column before.
		return &excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left", Indent: 1}}
	}
}

// book remembers the first error, so that drawing reads as drawing.
type book struct {
	f      *excelize.File
	styles map[look]int
	err    error
}

func (b *book) do(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

func (b *book) style(l look) int {
	id, ok := b.styles[l]
	if !ok {
		var err error
		id, err = b.f.NewStyle(l.style())
		b.do(err)
		b.styles[l] = id
	}
	return id
}

// sheet is a sheet and the row that is written next.
type sheet struct {
	*book
	name string
	row  int
}

// sheet sets the widths of a sheet, and one page of width for printing.
func (b *book) sheet(name string, widths ...float64) *sheet {
	for i, w := range widths {
		col, err := excelize.ColumnNumberToName(i + 1)
		b.do(err)
		b.do(b.f.SetColWidth(name, col, col, w))
	}
	landscape, wide, endless, a4 := "landscape", 1, 0, 9
	b.do(b.f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &wide, FitToHeight: &endless, Size: &a4}))
	s := &sheet{book: b, name: name, row: 1}
	s.fit()
	return s
}

// fit makes the page layout's widths count.
func (s *sheet) fit() {
	fit := true
	s.do(s.f.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}))
}

func cell(col, row int) string { return fmt.Sprintf("%c%d", 'A'+col-1, row) }

// put writes a row: the i-th value with the i-th look, the last look for the
// rest. Strings are never formulas, nil stays empty.
func (s *sheet) put(looks []look, values ...any) {
	for i, v := range values {
		at := cell(i+1, s.row)
		switch v := v.(type) {
		case nil:
		case string:
			s.do(s.f.SetCellStr(s.name, at, v))
		default:
			s.do(s.f.SetCellValue(s.name, at, v))
		}
		s.do(s.f.SetCellStyle(s.name, at, at, s.style(looks[min(i, len(looks)-1)])))
	}
	s.row++
}

func (s *sheet) skip() { s.row++ }

func (s *sheet) heads(names ...string) {
	values := make([]any, len(names))
	for i, n := range names {
		values[i] = n
	}
	s.do(s.f.SetRowHeight(s.name, s.row, 32)) // two lines
	s.put([]look{head}, values...)
}

// bars draws data bars into a column's cells.
func (s *sheet) bars(col, from, to int, color string) {
	if to < from {
		return
	}
	s.do(s.f.SetConditionalFormat(s.name, cell(col, from)+":"+cell(col, to), []excelize.ConditionalFormatOptions{{
		Type: "data_bar", Criteria: "=", MinType: "num", MinValue: "0", MaxType: "max", BarColor: color, BarSolid: true,
	}}))
}

// freeze keeps the rows above row and the columns left of col in view.
func (s *sheet) freeze(col, row int) {
	pane := "bottomRight"
	if col == 1 {
		pane = "bottomLeft"
	}
	s.do(s.f.SetPanes(s.name, &excelize.Panes{
		Freeze: true, XSplit: col - 1, YSplit: row - 1, TopLeftCell: cell(col, row), ActivePane: pane,
		Selection: []excelize.Selection{{SQRef: cell(col, row), ActiveCell: cell(col, row), Pane: pane}},
	}))
}

func (s *sheet) filter(columns, head, last int) {
	s.do(s.f.AutoFilter(s.name, cell(1, head)+":"+cell(columns, max(last, head)), nil))
	s.fit() // AutoFilter drops it
}
