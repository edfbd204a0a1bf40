// Package ui draws what people see on a terminal: progress on stderr, tables
// on stdout. It knows widths, terminals and nothing of koe.
package ui

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Table is text in columns, aligned by display width: a kanji takes two cells.
type Table struct {
	Header []string
	Rows   [][]string
	Right  []bool // columns that are aligned to the right, such as numbers
}

// Write draws the table, two spaces between columns, no trailing spaces.
func (t Table) Write(w io.Writer) error {
	rows := t.Rows
	if t.Header != nil {
		rows = append([][]string{t.Header}, rows...)
	}
	var width []int
	for _, r := range rows {
		for i, cell := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], uniseg.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for i, cell := range r {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", width[i]-uniseg.StringWidth(cell))
			if i < len(t.Right) && t.Right[i] {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Progress is a bar on a terminal and nothing elsewhere. It is safe for
// concurrent use.
type Progress struct{ bar *progressbar.ProgressBar }

// NewProgress starts a bar that counts to total (−1: unknown) on w, if visible
// and w is a terminal. Done ends it.
func NewProgress(w io.Writer, visible bool, total int64, what string) *Progress {
	return &Progress{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(visible && IsTerminal(w)),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// Set moves the bar to n.
func (p *Progress) Set(n int64) { _ = p.bar.Set64(n) }

// Done removes the bar.
func (p *Progress) Done() { _ = p.bar.Finish() }
