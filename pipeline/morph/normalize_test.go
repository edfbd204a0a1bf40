package morph_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/morph"
)

func TestNormalize(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing to do", "商品が届かない", "商品が届かない"},
		{"half-width kana", "ﾊﾟｿｺﾝｶﾞ｡", "パソコンガ。"},
		{"parted voiced mark", "か\u3099は゜", "がぱ"},
		{"letters and digits", "ＡＢＣ１２３abc", "abc123abc"},
		{"brackets and spaces", "（株）\u3000［電話］", "(株) [電話]"},
		{"company sign", "㈱エー", "株エー"},
		{"circled", "①②", "12"},
		{"kept whole", "25℃ ½ ™", "25℃ ½ ™"},
		{"wave as range", "10〜20、東京～大阪", "10〜20、東京〜大阪"},
		{"wave as length", "すごい〜！です～", "すごい!です"},
		{"long vowel", "サーーービス", "サービス"},
		{"lengthened hiragana", "すごーい、おそーーい", "すごい、おそい"},
		{"hiragana word with a long vowel", "らーめん", "らーめん"},
		{"minus for a long vowel", "サ−ビス、デ－タ", "サービス、データ"},
		{"long vowel for a hyphen", "03ー1234ー5678", "03-1234-5678"},
		{"hyphens", "03−1234‐5678", "03-1234-5678"},
		{"dashes", "つまり――遅い", "つまり―遅い"},
		{"marks", "え！！？？？", "え!?"},
		{"dots", "でも・・・それは...。。。", "でも…それは…。"},
		{"wide stop", "遅い．高い，悪い", "遅い。高い、悪い"},
		{"wide point", "１．５倍、１，０００円", "1.5倍、1,000円"},
		{"format characters", "a\u200bb\ufeff\u202e", "ab"},
		{"variation selector", "葛\U000e0100飾❤\ufe0f", "葛飾❤"},
		{"control", "a\x00b\rc", "a b c"},
		{"white space", "a\u00a0b\u2028c", "a b c"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := morph.Normalize(test.text).Text; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestOriginal(t *testing.T) {
	text := "高ｶﾞﾊﾟ！！！a\u200bb㌔遠"
	s := morph.Normalize(text)
	for shadow, want := range map[string]string{
		"高": "高", "ガ": "ｶﾞ", "ガパ": "ｶﾞﾊﾟ", "!": "！！！", "a": "a\u200b", "b": "b", "ab": "a\u200bb", "キ": "㌔", "キロ": "㌔", "ロ遠": "㌔遠",
	} {
		i := strings.Index(s.Text, shadow)
		if i < 0 {
			t.Fatalf("no %q in %q", shadow, s.Text)
		}
		o := s.Original(i, i+len(shadow))
		if got := text[o.From:o.To]; got != want {
			t.Errorf("%q stands for %q, want %q", shadow, got, want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", "ｶﾞか\u3099ー〜−－...！!？", "㈱①㌔½", "\u200b\ufe0f\x00\xff", "１．５，", "éÅΩ", "すごーーい〜"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := morph.Normalize(text)
		if utf8.ValidString(text) && !utf8.ValidString(s.Text) {
			t.Fatalf("%q became invalid: %q", text, s.Text)
		}
		last := 0
		for i, r := range s.Text {
			w := utf8.RuneLen(r)
			if r == utf8.RuneError {
				_, w = utf8.DecodeRuneInString(s.Text[i:])
			}
			o := s.Original(i, i+w)
			if o.From < last && o.From != last || o.To <= o.From || o.To > len(text) {
				t.Fatalf("%q: shadow [%d,%d) stands for %+v after %d", text, i, i+w, o, last)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[o.From:o.To]) {
				t.Fatalf("%q: shadow [%d,%d) cuts a rune", text, i, i+w)
			}
			last = o.From
		}
		if all := s.Original(0, len(s.Text)); s.Text != "" && (all.From < 0 || all.To > len(text)) {
			t.Fatalf("all of %q stands for %+v", s.Text, all)
		}
		if e := s.Original(len(s.Text), len(s.Text)); e.From != e.To || e.From > len(text) {
			t.Fatalf("the end of %q stands for %+v", text, e)
		}
	})
}
