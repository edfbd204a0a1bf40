package mask

import (
	"strings"
	"unicode/utf8"
)

// fold brings a reading to the form under which readings are compared: in
// katakana, without long vowels, so that サトウ, サトー and Sato are one.
func fold(kana string) string {
	var b strings.Builder
	b.Grow(len(kana))
	last := byte('x') // vowel of the kana before
	for _, r := range kana {
		if r >= 'ぁ' && r <= 'ゖ' {
			r += 'ァ' - 'ぁ'
		}
		v := vowel(r)
		switch {
		case r == 'ー', r == 'ウ' && (last == 'o' || last == 'u'), r == 'オ' && last == 'o', r == 'イ' && last == 'i', r == 'ア' && last == 'a', r == 'エ' && last == 'e':
			continue
		case r == 'ヅ':
			r = 'ズ'
		case r == 'ヂ':
			r = 'ジ'
		}
		b.WriteRune(r)
		last = v
	}
	return b.String()
}

// vowels are those of the kana from ァ to ヶ; x: none.
const vowels = "aaiiuueeoo" + "aaiiuueeoo" + "aaiiuueeoo" + "aaiixuueeoo" + "aiueo" + "aaaiiiuuueeeooo" + "aiueo" + "aauuoo" + "aiueo" + "aaieoxuae"

func vowel(kana rune) byte {
	if i := int(kana - 'ァ'); i >= 0 && i < len(vowels) {
		return vowels[i]
	}
	return 'x'
}

// romaji are the syllables of Latin spellings, by Hepburn and Kunrei.
const romaji = "kyaキャkyuキュkyoキョshaシャshuシュshoショsyaシャsyuシュsyoショchaチャchuチュchoチョtyaチャtyuチュtyoチョnyaニャnyuニュnyoニョ" +
	"hyaヒャhyuヒュhyoヒョmyaミャmyuミュmyoミョryaリャryuリュryoリョgyaギャgyuギュgyoギョjyaジャjyuジュjyoジョzyaジャzyuジュzyoジョ" +
	"byaビャbyuビュbyoビョpyaピャpyuピュpyoピョshiシchiチtsuツkaカkiキkuクkeケkoコsaサsiシsuスseセsoソtaタtiチtuツteテtoトnaナniニnuヌneネnoノ" +
	"haハhiヒhuフfuフheヘhoホmaマmiミmuムmeメmoモyaヤyuユyoヨraラriリruルreレroロwaワwoオgaガgiギguグgeゲgoゴzaザziジjiジzuズzeゼzoゾdaダduズdeデdoド" +
	"jaジャjuジュjoジョbaバbiビbuブbeベboボpaパpiピpuプpeペpoポvuヴaアiイuウeエoオ"

// syllables maps a Latin syllable to its katakana.
func syllables() map[string]string {
	out := map[string]string{}
	for at := 0; at < len(romaji); {
		mid := at
		for romaji[mid] < utf8.RuneSelf {
			mid++
		}
		end := mid
		for end < len(romaji) && romaji[end] >= utf8.RuneSelf {
			end++
		}
		out[romaji[at:mid]] = romaji[mid:end]
		at = end
	}
	return out
}

// kana reads a lower-case Latin word as Japanese; empty if it is none. oh and
// ou are long vowels (Ohno, Satou).
func (l *lexicon) kana(word string) string {
	var b strings.Builder
	for i := 0; i < len(word); {
		n := 0
		for k := min(3, len(word)-i); k > 0; k-- {
			if syllable, ok := l.latin[word[i:i+k]]; ok {
				b.WriteString(syllable)
				n = k
				break
			}
		}
		switch c := word[i]; {
		case n > 0:
		case c == 'n' || c == 'm' && i+1 < len(word) && strings.IndexByte("bpm", word[i+1]) >= 0:
			b.WriteString("ン")
			n = 1
		case c == 'h' && i > 0 && word[i-1] == 'o', c == '\'' && i > 0, c == '-' && i > 0:
			n = 1
		case i+1 < len(word) && (word[i+1] == c || c == 't' && word[i+1] == 'c') && c != 'a' && c != 'i' && c != 'u' && c != 'e' && c != 'o':
			b.WriteString("ッ")
			n = 1
		default:
			return ""
		}
		i += n
	}
	return b.String()
}

// katakanaOf writes hiragana as katakana.
func katakanaOf(kana string) string {
	var b strings.Builder
	b.Grow(len(kana))
	for _, r := range kana {
		if r >= 'ぁ' && r <= 'ゖ' {
			r += 'ァ' - 'ぁ'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// separator returns the length of what parts two groups of a number at i, 0 if
// no group follows.
func separator(text string, i int) int {
	n := 0
	for signs := 0; signs < 3 && i+n < len(text); signs++ {
		r, w := utf8.DecodeRuneInString(text[i+n:])
		switch r {
		case '-', ' ', '(', ')', '.', '‐', '–', '―', '−', '─', 'ー', '~', 'の', '、', '・', '/', '…':
		default:
			signs = 3
			continue
		}
		n += w
	}
	if n == 0 || i+n >= len(text) {
		return 0
	}
	if _, w, _ := digit(text[i+n:]); w == 0 {
		return 0
	}
	return n
}
