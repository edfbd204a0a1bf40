package decode

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// cursor walks over JSON that json.Valid has accepted, so that it has no
// syntax errors to find. It does not recurse by itself.
type cursor struct {
	data []byte
	at   int
}

// kind returns the first byte of the value that comes next: { [ " t f n, and 0
// for a number.
func (c *cursor) kind() byte {
	c.space()
	if b := c.data[c.at]; b != '-' && (b < '0' || b > '9') {
		return b
	}
	return '0'
}

func (c *cursor) space() {
	for c.at < len(c.data) {
		switch c.data[c.at] {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return
		}
	}
}

// object calls visit with each name; visit consumes the value.
func (c *cursor) object(visit func(name string) error) error {
	c.at++ // {
	for {
		c.space()
		switch c.data[c.at] {
		case '}':
			c.at++
			return nil
		case ',':
			c.at++
			c.space()
		}
		name := c.text()
		c.space()
		c.at++ // :
		if err := visit(name); err != nil {
			return err
		}
	}
}

// array calls visit before each element; visit consumes it.
func (c *cursor) array(visit func(i int) error) error {
	c.at++ // [
	for i := 0; ; i++ {
		c.space()
		switch c.data[c.at] {
		case ']':
			c.at++
			return nil
		case ',':
			c.at++
		}
		if err := visit(i); err != nil {
			return err
		}
	}
}

// scalar consumes a number, true, false or null and returns its bytes.
func (c *cursor) scalar() []byte {
	c.space()
	from := c.at
	for c.at < len(c.data) && !strings.ContainsRune(",]} \t\r\n", rune(c.data[c.at])) {
		c.at++
	}
	return c.data[from:c.at]
}

// quoted consumes a string and returns what stands between the quotes.
func (c *cursor) quoted() (inner []byte, escaped bool) {
	c.space()
	c.at++
	from := c.at
	for c.data[c.at] != '"' {
		if c.data[c.at] == '\\' {
			escaped = true
			c.at++
		}
		c.at++
	}
	c.at++
	return c.data[from : c.at-1], escaped
}

// text consumes a string and returns what it stands for.
func (c *cursor) text() string {
	inner, escaped := c.quoted()
	if !escaped {
		return string(inner)
	}
	var b strings.Builder
	b.Grow(len(inner))
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' {
			b.WriteByte(inner[i])
			continue
		}
		i++
		switch e := inner[i]; e {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r := hex4(inner[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if i+6 < len(inner) && inner[i+1] == '\\' && inner[i+2] == 'u' {
					low = hex4(inner[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			b.WriteRune(r)
		default:
			b.WriteByte(e) // " \ /
		}
	}
	return b.String()
}

func hex4(b []byte) rune {
	var r rune
	for _, d := range b[:4] {
		r <<= 4
		if d <= '9' {
			r |= rune(d - '0')
		} else {
			r |= rune(d|0x20-'a') + 10
		}
	}
	return r
}

// skip consumes any value and reports whether it was nested no deeper than
// MaxDepth.
func (c *cursor) skip() bool {
	ok := true
	for depth := 0; ; {
		c.space()
		switch c.data[c.at] {
		case '{', '[':
			depth++
			ok = ok && depth <= MaxDepth
			c.at++
		case '}', ']':
			depth--
			c.at++
		case ',', ':':
			c.at++
		case '"':
			c.quoted()
		default:
			c.scalar()
		}
		if depth == 0 {
			return ok
		}
	}
}

// appendString writes s as a JSON string. Bytes that are not UTF-8 stay: the
// decoder of the schema replaces them.
func appendString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
