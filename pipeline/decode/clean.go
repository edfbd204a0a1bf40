package decode

import (
	"strings"
	"unicode/utf8"
)

// clean applies the rules that the package comment states under Text.
func clean(s string) string {
	for i, r := range s {
		if r == '\r' || verdict(r) != keep || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return s[:i] + cleanSlow(s[i:])
		}
	}
	return s
}

func cleanSlow(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	bad := false // the rune before was not UTF-8: a run becomes one U+FFFD
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			if !bad {
				b.WriteRune(utf8.RuneError)
			}
			bad = true
			i++
			continue
		}
		bad = false
		switch {
		case r == '\r':
			if !strings.HasPrefix(s[i+1:], "\n") {
				b.WriteByte('\n')
			}
		case verdict(r) == breaks:
			b.WriteByte('\n')
		case verdict(r) == keep:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

type fate int

const (
	keep fate = iota
	drop
	breaks
)

func verdict(r rune) fate {
	switch {
	case r >= 0x3000 && r < 0xD800, r >= 0x20 && r < 0x7F, r == '\n', r == '\t':
		return keep // nearly everything
	case r == '\r':
		return keep // the caller looks at what follows
	case r == 0x85, r == 0x2028, r == 0x2029:
		return breaks
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return drop
	case r == 0x061C, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F:
		return drop // bidirectional controls can make a text show what it does not say
	case r == 0xFEFF, r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return drop
	}
	return keep
}

// cleanShort is clean for strings that are not words: one line without white
// space at its ends.
func cleanShort(s string) string {
	s = clean(s)
	if strings.ContainsAny(s, "\n\t") {
		s = strings.NewReplacer("\n", "", "\t", "").Replace(s)
	}
	return strings.TrimSpace(s)
}
