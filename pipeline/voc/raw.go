package voc

import (
	"fmt"
	"log/slog"
	"strconv"
	"unicode/utf8"
)

// Raw is text from outside that may hold personal data. It is opaque to fmt,
// log/slog, encoding/json, encoding/xml and encoding/gob: each of them sees
// the number of runes and nothing else. The zero Raw is empty text. A Raw is
// immutable and safe for concurrent use.
type Raw struct{ text *string }

// NewRaw wraps s. It does not change it.
func NewRaw(s string) Raw {
	if s == "" {
		return Raw{}
	}
	return Raw{text: &s}
}

// Reveal returns the text itself. Only pipeline/mask may call it; the linter
// refuses the call everywhere else.
func (r Raw) Reveal() string {
	if r.text == nil {
		return ""
	}
	return *r.text
}

// Empty reports whether the text has no bytes.
func (r Raw) Empty() bool { return r.text == nil }

// Len returns the length in bytes, which tells a size and no content.
func (r Raw) Len() int {
	if r.text == nil {
		return 0
	}
	return len(*r.text)
}

// String returns the number of runes, such as "[21 runes]".
func (r Raw) String() string {
	n := 0
	if r.text != nil {
		n = utf8.RuneCountInString(*r.text)
	}
	return "[" + strconv.Itoa(n) + " runes]"
}

// Format writes String for every verb and flag, %#v and %x included.
func (r Raw) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// GoString is String.
func (r Raw) GoString() string { return r.String() }

// LogValue is String.
func (r Raw) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText is String; it serves encoding/json and encoding/xml.
func (r Raw) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalBinary is String; it serves encoding/gob.
func (r Raw) MarshalBinary() ([]byte, error) { return []byte(r.String()), nil }
