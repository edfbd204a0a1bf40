package morph

import (
	"unicode"

	"github.com/koe-voc/koe/pipeline/voc"
)

// posOf maps the IPA dictionary's part of speech, four levels and "*" where a
// level is empty, to koe's.
func posOf(p0, p1, p2 string) voc.POS {
	switch p0 {
	case "名詞":
		return nounOf(p1, p2)
	case "動詞":
		return pick(p1, voc.Verb, map[string]voc.POS{"非自立": voc.VerbDependent, "接尾": voc.VerbSuffix})
	case "形容詞":
		return pick(p1, voc.Adjective, map[string]voc.POS{"非自立": voc.AdjDependent, "接尾": voc.AdjDependent})
	case "助詞":
		return pick(p1, voc.ParticleOther, map[string]voc.POS{
			"格助詞": voc.ParticleCase, "係助詞": voc.ParticleTopic, "接続助詞": voc.ParticleConj, "副助詞": voc.ParticleAdverb,
			"副助詞／並立助詞／終助詞": voc.ParticleAdverb, "終助詞": voc.ParticleFinal, "並立助詞": voc.ParticlePara, "連体化": voc.ParticleNoun,
		})
	case "記号":
		return pick(p1, voc.Symbol, map[string]voc.POS{
			"句点": voc.Period, "読点": voc.Comma, "括弧開": voc.BracketOpen, "括弧閉": voc.BracketClose, "空白": voc.Space,
		})
	}
	return pick(p0, voc.OtherPOS, map[string]voc.POS{
		"副詞": voc.Adverb, "連体詞": voc.Adnominal, "接続詞": voc.Conjunction, "感動詞": voc.Interjection, "フィラー": voc.Filler,
		"接頭詞": voc.Prefix, "助動詞": voc.Auxiliary,
	})
}

func pick(key string, other voc.POS, m map[string]voc.POS) voc.POS {
	if p, ok := m[key]; ok {
		return p
	}
	return other
}

func nounOf(p1, p2 string) voc.POS {
	switch p1 {
	case "固有名詞":
		return pick(p2, voc.NounProper, map[string]voc.POS{"人名": voc.NounPerson, "地域": voc.NounPlace, "組織": voc.NounOrg})
	case "接尾":
		if p2 == "助数詞" {
			return voc.NounCounter
		}
		return voc.NounSuffix
	}
	return pick(p1, voc.Noun, map[string]voc.POS{
		"サ変接続": voc.NounVerbal, "形容動詞語幹": voc.NounAdj, "ナイ形容詞語幹": voc.NounAdj, "副詞可能": voc.NounAdverbial,
		"数": voc.NounNumber, "非自立": voc.NounDependent, "特殊": voc.NounDependent, "接続詞的": voc.NounDependent,
		"動詞非自立的": voc.NounDependent, "代名詞": voc.NounPronoun,
	})
}

// inflectionOf maps the conjugation form (活用形).
func inflectionOf(form string) voc.Inflection {
	switch form {
	case "*", "":
		return voc.NotInflected
	case "基本形", "基本形-促音便", "音便基本形", "現代基本形", "文語基本形":
		return voc.Basic
	case "連用形", "連用タ接続", "連用テ接続", "連用デ接続", "連用ニ接続", "連用ゴザイ接続":
		return voc.Continuative
	case "未然形", "未然ウ接続", "未然ヌ接続", "未然レル接続", "未然特殊":
		return voc.Irrealis
	case "体言接続", "体言接続特殊", "体言接続特殊２":
		return voc.Attributive
	case "仮定形", "仮定縮約１", "仮定縮約２":
		return voc.Hypothetical
	case "命令ｅ", "命令ｉ", "命令ｒｏ", "命令ｙｏ":
		return voc.Imperative
	case "ガル接続":
		return voc.Garu
	default:
		return voc.Stem
	}
}

// signOf gives the part of speech of a sign that the dictionary does not know
// in its narrow form; ok is false for letters and digits.
func signOf(r rune) (pos voc.POS, ok bool) {
	switch r {
	case '!', '?', '。':
		return voc.Period, true
	case '、', ',':
		return voc.Comma, true
	case '(', '[', '{', '<':
		return voc.BracketOpen, true
	case ')', ']', '}', '>':
		return voc.BracketClose, true
	}
	if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
		return voc.OtherPOS, false
	}
	if unicode.Is(unicode.Ps, r) || unicode.Is(unicode.Pi, r) {
		return voc.BracketOpen, true
	}
	if unicode.Is(unicode.Pe, r) || unicode.Is(unicode.Pf, r) {
		return voc.BracketClose, true
	}
	return voc.Symbol, true
}
