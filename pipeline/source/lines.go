package source

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// lines is a window over a text that can go back to its mark, which a
// bufio.Reader cannot.
type lines struct {
	in   io.Reader
	buf  []byte
	mark int // where the record began
	pos  int // behind the last line read
	err  error
}

func newLines(in io.Reader) *lines { return &lines{in: in} }

// chunk is what is read at once.
const chunk = 256 << 10

// errLong is returned by line when the text from the mark on passes MaxRow.
var errLong = errors.New("row too long")

// line returns the next line with its end, valid until the next call.
func (l *lines) line() ([]byte, error) {
	seen := l.pos
	for {
		if i := bytes.IndexByte(l.buf[seen:], '\n'); i >= 0 {
			from := l.pos
			l.pos = seen + i + 1
			if l.pos-l.mark > MaxRow+2 {
				return nil, errLong
			}
			return l.buf[from:l.pos], nil
		}
		seen = len(l.buf)
		switch {
		case seen-l.mark > MaxRow+2:
			return nil, errLong
		case l.err != nil && seen > l.pos && errors.Is(l.err, io.EOF):
			from := l.pos
			l.pos = seen
			return l.buf[from:], nil
		case l.err != nil:
			return nil, l.err
		}
		seen -= l.fill()
	}
}

// fill reads more and returns by how much the window moved.
func (l *lines) fill() int {
	moved := 0
	if l.mark > chunk && l.mark > len(l.buf)/2 {
		moved = l.mark
		l.buf = append(l.buf[:0], l.buf[moved:]...)
		l.pos -= moved
		l.mark = 0
	}
	n := len(l.buf)
	l.buf = append(l.buf, make([]byte, chunk)...)
	m, err := l.in.Read(l.buf[n:])
	l.buf = l.buf[:n+m]
	l.err = err
	return moved
}

// record starts a record: its text is what line returns from now on.
func (l *lines) record() { l.mark = l.pos }

// back goes back to n bytes behind the mark.
func (l *lines) back(n int) { l.pos = l.mark + n }

// cut returns the first bytes of a line that is too long, one more than MaxRow,
// and passes over the rest of it.
func (l *lines) cut() ([]byte, error) {
	head := bytes.Clone(l.buf[l.mark:][:MaxRow+1])
	l.pos = l.mark + MaxRow + 1
	for {
		l.mark = l.pos
		if i := bytes.IndexByte(l.buf[l.pos:], '\n'); i >= 0 {
			l.pos += i + 1
			return head, nil
		}
		l.pos = len(l.buf)
		switch {
		case errors.Is(l.err, io.EOF):
			return head, nil
		case l.err != nil:
			return nil, l.err
		}
		l.mark = l.pos
		l.fill()
	}
}

// text returns a copy of the next line that is not blank, without its end; a
// line longer than MaxRow is cut.
func (l *lines) text() ([]byte, error) {
	for {
		l.record()
		b, err := l.line()
		if errors.Is(err, errLong) {
			return l.cut()
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(b)) > 0 {
			return bytes.Clone(bytes.TrimRight(b, "\r\n")), nil
		}
	}
}

// record is one row of a table.
type record struct {
	cells  []string
	raw    string // the text of a bad row
	bad    bool   // the row could not be split
	padded bool   // cells at the end may be missing
}

// splitter splits CSV by RFC 4180. A row that breaks its rules is bad: it is
// then the first line of what was read, and the next row begins at the line
// after it, so that one quotation mark cannot swallow a file.
type splitter struct {
	lines   *lines
	comma   byte
	literal bool // quotation marks that break the rules stand for themselves (TSV)

	cells  []string
	cell   []byte
	quoted bool
	quiet  int // bytes ahead in which no quoted cell ends
}

type status int

const (
	done status = iota
	more
	broken
)

func (s *splitter) next() (record, error) {
	l := s.lines
	for {
		l.record()
		b, err := l.line()
		if errors.Is(err, errLong) {
			s.quiet = 0
			head, err := l.cut()
			return record{raw: string(head), bad: true}, err
		}
		if err != nil {
			return record{}, err
		}
		if b = bytes.TrimRight(b, "\r\n"); len(b) > 0 {
			return s.split(b)
		}
		s.quiet = max(0, s.quiet-(l.pos-l.mark))
	}
}

// split splits a record that begins with the line first.
func (s *splitter) split(first []byte) (record, error) {
	l := s.lines
	length := l.pos - l.mark
	defer func() { s.quiet = max(0, s.quiet-(l.pos-l.mark)) }()
	line := string(first)
	s.cells, s.cell, s.quoted = nil, s.cell[:0], false
	st := s.feed(line)
	for st == more {
		if s.quiet > 0 {
			st = broken
			break
		}
		b, err := l.line()
		if errors.Is(err, io.EOF) || errors.Is(err, errLong) {
			// What was looked at holds no end of a quoted cell, so no cell in it
			// spans lines: looking again for each line would take for ever.
			s.quiet = len(l.buf) - l.mark
			st = broken
			break
		}
		if err != nil {
			return record{}, err
		}
		st = s.feed(strings.TrimRight(string(b), "\r\n"))
	}
	if st == done {
		return record{cells: s.cells}, nil
	}
	l.back(length)
	if s.literal {
		return record{cells: strings.Split(line, string(s.comma))}, nil
	}
	return record{raw: line, bad: true}, nil
}

// feed takes one more line of the record.
func (s *splitter) feed(line string) status {
	for {
		if s.quoted {
			i := strings.IndexByte(line, '"')
			if i < 0 {
				s.cell = append(append(s.cell, line...), '\n')
				return more
			}
			s.cell = append(s.cell, line[:i]...)
			line = line[i+1:]
			if strings.HasPrefix(line, `"`) {
				s.cell = append(s.cell, '"')
				line = line[1:]
				continue
			}
			s.quoted = false
			s.cells = append(s.cells, string(s.cell))
			s.cell = s.cell[:0]
			switch {
			case line == "":
				return done
			case line[0] != s.comma:
				return broken
			}
			line = line[1:]
		}
		if strings.HasPrefix(line, `"`) {
			s.quoted = true
			line = line[1:]
			continue
		}
		i := strings.IndexByte(line, s.comma)
		text := line
		if i >= 0 {
			text = line[:i]
		}
		if !s.literal && strings.Contains(text, `"`) {
			return broken
		}
		s.cells = append(s.cells, text)
		if i < 0 {
			return done
		}
		line = line[i+1:]
	}
}
