package lint

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/koe-voc/koe/dict"
)

// lookAlikes finds characters that are not what they look like.
func (c *checker) lookAlikes(t *dict.Table, r dict.Row, column string) {
	folded := column == "surface" || strings.HasPrefix(t.Name, "mask_") || t.Name == "synonyms.tsv" // what reads them makes letters narrow and kana wide
	for word := range strings.FieldsFuncSeq(r.Get(column), func(r rune) bool { return r == '|' || r == ' ' || r == '~' }) {
		runes := []rune(strings.TrimPrefix(word, "-"))
		for i, x := range runes {
			before, after := rune(0), rune(0)
			if i > 0 {
				before = runes[i-1]
			}
			if i+1 < len(runes) {
				after = runes[i+1]
			}
			if s, what, todo := odd(x, before, after, folded); s != "" {
				c.add(t, r, s, lookAlike, todo, "%q: %s", word, what)
			}
		}
	}
}

// odd tells what is wrong with x between two others, 0 for the end of a word.
func odd(x, before, after rune, folded bool) (s Severity, what, todo string) {
	switch {
	case x >= 0xff61 && x <= 0xff9f && !folded:
		return Error, fmt.Sprintf("%c is half-width kana, which no base form holds", x), "write it in full width"
	case x >= 0xff01 && x <= 0xff5e && !folded:
		return Error, fmt.Sprintf("%c is a full-width letter, digit or sign, which no base form holds", x), fmt.Sprintf("write %c", x-0xfee0)
	case strings.ContainsRune("－―—–‐‑−-", x) && katakana(before) && (katakana(after) || after == 0):
		return Error, fmt.Sprintf("%c (U+%04X) is no prolonged sound mark", x, x), "write ー"
	case x == '一' && katakana(before) && katakana(after):
		return Error, "一 is the number one between katakana", "write ー"
	case x == 'ー' && before != 0 && !katakana(before) && !hiragana(before) && before != 'ー' && !unicode.IsLetter(before),
		x == 'ー' && unicode.Is(unicode.Han, before):
		return Warning, "ー stands after what is no kana", "write 一 if it is the number one"
	}
	if k, ok := kanjiLike(x); ok && katakana(before) && katakana(after) {
		return Error, fmt.Sprintf("%c is a kanji between katakana", x), fmt.Sprintf("write the katakana %c", k)
	}
	if k, ok := katakanaLike(x); ok && unicode.Is(unicode.Han, before) && (unicode.Is(unicode.Han, after) && !counted(after) || after == 0) {
		return Warning, fmt.Sprintf("%c is katakana among kanji", x), fmt.Sprintf("write the kanji %c if it is one", k)
	}
	if strings.ContainsRune("へべぺり", x) && katakana(before) && katakana(after) {
		return Error, fmt.Sprintf("%c is hiragana between katakana", x), fmt.Sprintf("write the katakana %c", x+0x60)
	}
	if strings.ContainsRune("ヘベペリ", x) && hiragana(before) && hiragana(after) {
		return Error, fmt.Sprintf("%c is katakana between hiragana", x), fmt.Sprintf("write the hiragana %c", x-0x60)
	}
	return "", "", ""
}

// pairs are a katakana and the kanji that looks like it, one after the other.
const pairs = "カ力ロ口ニ二エ工ハ八タ夕ト卜チ千"

func kanjiLike(x rune) (rune, bool) {
	list := []rune(pairs)
	for i := 1; i < len(list); i += 2 {
		if list[i] == x {
			return list[i-1], true
		}
	}
	return 0, false
}

func katakanaLike(x rune) (rune, bool) {
	list := []rune(pairs)
	for i := 0; i < len(list); i += 2 {
		if list[i] == x {
			return list[i+1], true
		}
	}
	return 0, false
}

// counted reports what カ counts after a number: 三カ月.
func counted(r rune) bool { return strings.ContainsRune("月所国年店条村", r) }

func katakana(r rune) bool { return r >= 'ァ' && r <= 'ヺ' || r == 'ー' }

func hiragana(r rune) bool { return r >= 'ぁ' && r <= 'ゖ' }
