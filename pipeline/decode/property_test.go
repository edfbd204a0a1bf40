package decode_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever a text holds, it is valid and without control characters once it is
// decoded, and decoding it again changes nothing.
func TestCleanTextStaysAsItIs(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("声\r\n\t\x00\u0085\u2028\u202e\ufeff\ufffd\ud7ff\U0010ffff\"\\/x"))))
	rapid.Check(t, func(rt *rapid.T) {
		decoded := func(s string) string {
			quoted, err := json.Marshal(s)
			if err != nil {
				rt.Fatal(err)
			}
			return one(t, "x", `{"id":"1","source":"s","channel":"mail","text":`+string(quoted)+`}`).Text.Reveal()
		}
		first := decoded(text.Draw(rt, "text"))
		if !utf8.ValidString(first) || strings.ContainsFunc(first, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			rt.Fatalf("%q", first)
		}
		if second := decoded(first); second != first {
			rt.Fatalf("%q became %q", first, second)
		}
	})
}
