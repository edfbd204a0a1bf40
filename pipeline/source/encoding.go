package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings of text files. cp932 is Windows-31J, which files called
// Shift_JIS are in truth: with NEC's and IBM's characters, and with the wave
// dash and its kin (0x815C, 0x8160, 0x8161, 0x817C, 0x8191, 0x8192, 0x81CA)
// read as Windows reads them (― ～ ∥ － ￠ ￡ ￢). Search folds both readings.
const (
	encUTF8  = "utf-8"
	encUTF16 = "utf-16"
	encCP932 = "cp932"
)

// decoded returns the text of r in UTF-8 without a byte order mark.
func decoded(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case encUTF16:
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(r)
	case encCP932:
		return transform.NewReader(r, newCP932())
	}
	return &bomless{r: r}
}

// bomless drops a byte order mark at the beginning and changes nothing else.
type bomless struct {
	r    io.Reader
	head []byte // read while looking for the mark
	seen bool
}

func (b *bomless) Read(p []byte) (int, error) {
	if !b.seen {
		b.seen = true
		head := make([]byte, 3)
		n, err := io.ReadFull(b.r, head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return 0, err
		}
		b.head = bytes.TrimPrefix(head[:n], []byte("\ufeff"))
	}
	if len(b.head) > 0 {
		n := copy(p, b.head)
		b.head = b.head[n:]
		return n, nil
	}
	return b.r.Read(p)
}

// classifier is written a whole file and tells its encoding.
type classifier struct {
	off   int64
	start []byte // the first 3 bytes
	nul   int64
	jis   int64 // escape sequences of ISO-2022-JP
	esc   bool

	tail    []byte // of an unfinished UTF-8 sequence
	utf8At  int64  // the first byte that is not UTF-8, −1: none
	utf8Bad int64
	utf8Ok  int64 // sequences of several bytes

	table   cp932
	lead    byte  // of an unfinished double byte
	cpAt    int64 // the first byte that is not CP932, −1: none
	doubles int64
	kana    int64 // half-width

	eucLead bool
	eucBad  bool
}

func newClassifier() *classifier {
	return &classifier{utf8At: -1, cpAt: -1, table: newCP932()}
}

// Write looks at the next bytes. It returns no error.
func (c *classifier) Write(p []byte) (int, error) {
	if n := 3 - len(c.start); n > 0 {
		c.start = append(c.start, p[:min(n, len(p))]...)
	}
	c.utf8(p)
	for i := 0; i < len(p) && c.cpAt < 0; i++ {
		c.cp932(p[i], c.off+int64(i))
	}
	for i := 0; i < len(p) && !c.eucBad; i++ {
		c.euc(p[i])
	}
	c.off += int64(len(p))
	return len(p), nil
}

func (c *classifier) utf8(p []byte) {
	at := c.off - int64(len(c.tail))
	p = append(c.tail, p...)
	for len(p) > 0 {
		if b := p[0]; b < utf8.RuneSelf {
			switch {
			case b == 0:
				c.nul++
			case c.esc && (b == '$' || b == '('):
				c.jis++
			}
			c.esc = b == 0x1B
			p = p[1:]
			at++
			continue
		}
		if !utf8.FullRune(p) {
			break
		}
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			if c.utf8At < 0 {
				c.utf8At = at
			}
			c.utf8Bad++
		} else {
			c.utf8Ok++
		}
		p = p[n:]
		at += int64(n)
	}
	c.tail = append(c.tail[:0:0], p...)
}

func (c *classifier) cp932(b byte, at int64) {
	switch {
	case c.lead != 0:
		if c.table[int(c.lead)<<8|int(b)] == 0 {
			c.cpAt = at - 1
		}
		c.lead = 0
		c.doubles++
	case isKana(b):
		c.kana++
	case isLead(b):
		c.lead = b
	case b >= 0x80:
		c.cpAt = at
	}
}

func (c *classifier) euc(b byte) {
	switch {
	case b >= 0xA1 && b <= 0xFE, b == 0x8E && !c.eucLead, b == 0x8F && !c.eucLead:
		c.eucLead = !c.eucLead
	case b >= 0x80, c.eucLead:
		c.eucBad = true
	}
}

// decide returns the encoding, or why there is none. want is what the user
// said; only UTF-8 may then have faults, which become U+FFFD.
func (c *classifier) decide(want string) (string, error) {
	if len(c.tail) > 0 && c.utf8At < 0 {
		c.utf8At = c.off - int64(len(c.tail))
	}
	if c.lead != 0 && c.cpAt < 0 {
		c.cpAt = c.off - 1
	}
	wide := bytes.HasPrefix(c.start, []byte{0xFF, 0xFE}) || bytes.HasPrefix(c.start, []byte{0xFE, 0xFF})
	marked := bytes.HasPrefix(c.start, []byte("\ufeff"))
	switch {
	case want == encUTF8:
		return encUTF8, nil
	case want == encUTF16 && !wide:
		return "", errors.New("not UTF-16 with a byte order mark")
	case wide && c.off%2 != 0:
		return "", fmt.Errorf("UTF-16 with half a character at its end, byte %d; the file is not whole", c.off-1)
	case wide && want != encCP932:
		return encUTF16, nil
	case want == encCP932 && c.cpAt >= 0:
		return "", fmt.Errorf("not CP932 (Shift_JIS): byte %d", c.cpAt)
	case want == encCP932:
		return encCP932, nil
	case want != "":
		return "", fmt.Errorf("no encoding %q; say utf-8, utf-16 or cp932", want)
	case c.nul*20 > c.off: // text has none; every other byte of UTF-16 can be one
		return "", errors.New("it has NUL bytes: no text, or UTF-16 without a byte order mark; save it as UTF-8")
	case c.utf8At < 0 && c.jis > 0:
		return "", errors.New("it looks like ISO-2022-JP (JIS); save it as UTF-8")
	case c.utf8At < 0:
		return encUTF8, nil
	case marked || c.utf8Ok > 8*c.utf8Bad:
		// UTF-8 with a fault often is CP932 by its rules, and nonsense by its words.
		return "", fmt.Errorf("UTF-8 with a fault at byte %d; repair it, or say encoding utf-8 to have every fault read as U+FFFD", c.utf8At)
	case !c.eucBad && c.kana > 2*c.doubles:
		return "", errors.New("it looks like EUC-JP; save it as UTF-8, or say encoding cp932 if it is half-width kana")
	case c.cpAt < 0:
		return encCP932, nil
	}
	return "", fmt.Errorf("neither UTF-8 (byte %d) nor CP932/Shift_JIS (byte %d); save it as UTF-8", c.utf8At, c.cpAt)
}
