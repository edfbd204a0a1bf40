package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type script uint8

const (
	otherScript script = iota
	kanji
	hiragana
	katakana
	latin
)

func scriptOfRune(r rune) script {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'a' && r <= 'z' {
			return latin
		}
		return otherScript
	case r >= 'ぁ' && r <= 'ゖ':
		return hiragana
	case r >= 'ァ' && r <= 'ヺ' || r == 'ー':
		return katakana
	case r >= 0x4e00 && r <= 0x9fff, r == '々', r == '〆':
		return kanji
	case r >= 0x3400 && unicode.Is(unicode.Han, r) && r != '〇':
		return kanji
	default:
		return otherScript
	}
}

func scriptAt(text string, at int) script {
	r, _ := runeAt(text, at)
	return scriptOfRune(r)
}

func scriptBefore(text string, end int) script {
	r, _ := runeBefore(text, end)
	return scriptOfRune(r)
}

// joint reports whether r may stand inside a row of sc: ノ and ヶ between
// kanji, a space or a full stop between Latin words, a middle point or a space
// between words in katakana.
func joint(r rune, sc script) bool {
	switch sc {
	case kanji:
		return r == 'ノ' || r == 'ヶ' || r == 'ケ' || r == 'ツ' || r == 'ッ'
	case katakana:
		return r == '・' || r == '=' || r == ' '
	case latin:
		return r == ' ' || r == '.' || r == '-' || r == '\''
	default:
		return false
	}
}

// maxRow bounds in bytes how far a row is followed, so that a text of one
// script takes linear time; no name with what may stand beside it is as long.
const maxRow = 96

// runBefore returns where the row of sc that ends at end begins.
func runBefore(text string, end int, sc script) int {
	at := end
	for at > 0 && end-at < maxRow {
		r, n := utf8.DecodeLastRuneInString(text[:at])
		if scriptOfRune(r) != sc && (!joint(r, sc) || at == end || scriptBefore(text, at-n) != sc) {
			break
		}
		at -= n
	}
	return at
}

// runAfter returns where the row of sc that begins at from ends. A space parts
// words in katakana.
func runAfter(text string, from int, sc script) int {
	at := from
	for at < len(text) && at-from < maxRow {
		r, n := utf8.DecodeRuneInString(text[at:])
		if scriptOfRune(r) != sc && (!joint(r, sc) || r == ' ' && sc == katakana || at == from || scriptAt(text, at+n) != sc) {
			break
		}
		at += n
	}
	return at
}

func runes(s string) int { return utf8.RuneCountInString(s) }

// firmEndings end the names of firms, shops, places and offices, not of
// persons.
var firmEndings = [...]string{
	"社", "店", "局", "課", "部", "所", "館", "園", "院", "校", "市", "県", "区", "町", "村", "駅", "寺", "亭", "苑", "庵", "荘", "軒", "湯", "株",
	"線", "港", "城", "橋", "湖", "祭", "教", "宗", "派", "家", "流", "号", "便", "室", "階", "棟", "館", "場", "署", "団", "隊", "塾", "社", "丸", "焼", "屋", "堂",
	"銀行", "会社", "商事", "工業", "産業", "製作所", "食堂", "旅館", "ホテル", "カフェ", "サービス", "センター", "組合", "協会", "連盟", "大学", "商店",
	"電機", "電器", "電気", "製薬", "製菓", "酒造", "醸造", "建設", "不動産", "運輸", "運送", "交通", "鉄道", "電鉄", "神社", "公園", "書店", "薬局", "医院", "病院", "歯科",
}

// firm reports whether a row of kanji ends like the name of a firm or a place.
func firm(name string) bool {
	for _, s := range firmEndings {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}
