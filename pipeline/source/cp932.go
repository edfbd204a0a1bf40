package source

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// cp932 is the table of Windows-31J's double bytes, index lead<<8|trail, 0 where
// there is none: the standard's and the vendors' characters as the library has
// them, and the user-defined ones (外字, 0xF040 to 0xF9FC), which it has not, in
// the private use area as on Windows.
type cp932 []rune

func newCP932() cp932 {
	table := make(cp932, 1<<16)
	dec := japanese.ShiftJIS.NewDecoder()
	for lead := 0x81; lead <= 0xFC; lead++ {
		if lead >= 0xA0 && lead < 0xE0 {
			continue
		}
		user := rune(0xE000 + (lead-0xF0)*188)
		for trail := 0x40; trail <= 0xFC; trail++ {
			if trail == 0x7F {
				continue
			}
			out, err := dec.Bytes([]byte{byte(lead), byte(trail)})
			r, n := utf8.DecodeRune(out)
			switch {
			case err == nil && r != utf8.RuneError && n == len(out):
				table[lead<<8|trail] = r
			case lead >= 0xF0 && lead <= 0xF9:
				table[lead<<8|trail] = user
			}
			user++
		}
	}
	return table
}

func isLead(b byte) bool { return b >= 0x81 && b <= 0x9F || b >= 0xE0 && b <= 0xFC }

func isKana(b byte) bool { return b >= 0xA1 && b <= 0xDF }

// Transform decodes to UTF-8; what the table does not have becomes U+FFFD.
func (t cp932) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		b := src[nSrc]
		r, n := rune(b), 1
		switch {
		case isLead(b) && nSrc+1 == len(src):
			if !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r = utf8.RuneError
		case isLead(b):
			if r, n = t[int(b)<<8|int(src[nSrc+1])], 2; r == 0 {
				r, n = utf8.RuneError, 1 // the next byte may be a line end
			}
		case isKana(b):
			r = 0xFF61 + rune(b-0xA1)
		case b >= 0x80:
			r = utf8.RuneError
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// Reset does nothing: there is no state.
func (cp932) Reset() {}
