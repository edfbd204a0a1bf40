package morph

import "unicode"

func isHiragana(r rune) bool { return r >= 0x3041 && r <= 0x3096 }

func isKatakana(r rune) bool {
	return r >= 0x30a1 && r <= 0x30fa || r == 0x30fc || r >= 0xff66 && r <= 0xff9d
}

func isKana(r rune) bool { return isHiragana(r) || isKatakana(r) }

func isKanji(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r == '々' || r == '〆' || r >= 0x3400 && r <= 0x4dbf || r >= 0xf900 && r <= 0xfaff
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= 0xff10 && r <= 0xff19 }

func isAlnum(r rune) bool {
	return isDigit(r) || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xff21 && r <= 0xff3a || r >= 0xff41 && r <= 0xff5a
}

// isVoicedMark reports the marks that voice the kana before them.
func isVoicedMark(r rune) bool {
	return r >= 0x3099 && r <= 0x309c || r == 0xff9e || r == 0xff9f
}

// combining returns the combining form of a voiced mark.
func combining(r rune) rune {
	switch r {
	case 0x3099, 0x309b, 0xff9e:
		return 0x3099
	default:
		return 0x309a
	}
}

func isLong(r rune) bool { return r == 'ー' || r == 0xff70 }

func isWave(r rune) bool { return r == 0x301c || r == 0xff5e || r == '~' || r == 0x223c }

// isDash reports what looks like a hyphen and is not ASCII's.
func isDash(r rune) bool {
	return r == 0xff0d || r == 0x2212 || r >= 0x2010 && r <= 0x2015
}

// stroke reads a run of one kind of stroke and puts the sign that its
// neighbours call for.
func (f *folder) stroke(first rune) {
	n, count, waves := 0, 0, 0
	dash := isDash(first)
	for {
		r, w := f.rune(f.i + n)
		if w == 0 || dash != isDash(r) || !dash && !isLong(r) && !isWave(r) {
			break
		}
		if isWave(r) {
			waves++
		}
		n += w
		count++
	}
	next, _ := f.rune(f.i + n)
	if dash {
		f.replace(n, f.dash(first, next))
		return
	}
	f.replace(n, f.long(count, waves, next))
}

func (f *folder) dash(first, next rune) string {
	switch {
	case first == 0x2014 || first == 0x2015: // — and ― part phrases
		return "―"
	case isKatakana(f.prev) && f.prev != 'ー' && isKana(next):
		return "ー"
	default:
		return "-"
	}
}

// long decides a run of count strokes, waves of them waves, before next.
func (f *folder) long(count, waves int, next rune) string {
	onlyWaves := waves == count
	switch {
	case isDigit(f.prev) && isDigit(next) && !onlyWaves:
		return "-"
	case isHiragana(f.prev) && !isDigit(next):
		if count > 1 || waves > 0 || next == 'い' || next == 'っ' || !isKana(next) {
			return ""
		}
		return "ー"
	case isKatakana(f.prev) && onlyWaves && (isHiragana(next) || !isAlnum(next) && !isKatakana(next) && !isKanji(next)):
		return ""
	case onlyWaves:
		return "〜"
	case isKanji(f.prev) && !isKana(next) && !isAlnum(next):
		return ""
	case isAlnum(f.prev) && isAlnum(next), f.prev == 0, unicode.IsSpace(f.prev):
		return "-"
	default:
		return "ー"
	}
}

// isRepeatable reports punctuation outside of ASCII whose repetition says no more.
func isRepeatable(r rune) bool {
	switch r {
	case '。', '、', '…', '‥', '・', '！', '？', '．', '，', '｡', '､', '･', '⁉', '‼':
		return true
	default:
		return false
	}
}

// repeat reads a run of one sign and puts it once.
func (f *folder) repeat(first rune) {
	n, count := 0, 0
	for {
		r, w := f.rune(f.i + n)
		if w == 0 || punct(r) != punct(first) {
			break
		}
		n += w
		count++
	}
	next, _ := f.rune(f.i + n)
	switch p := punct(first); {
	case (p == '・' || p == '.') && count > 1:
		if p == '.' && count == 2 {
			f.replace(n, "..")
			return
		}
		f.replace(n, "…")
	case first == '．' && !isAlnum(f.prev):
		f.replace(n, "。")
	case first == '，' && (!isAlnum(f.prev) || !isAlnum(next)):
		f.replace(n, "、")
	default:
		f.replace(n, sign(p))
	}
}

// sign spells the signs that repeat folds to.
func sign(r rune) string {
	switch r {
	case '!':
		return "!"
	case '?':
		return "?"
	case '.':
		return "."
	case ',':
		return ","
	default:
		return string(r)
	}
}

// punct folds the widths of a sign.
func punct(r rune) rune {
	switch r {
	case '！', '‼':
		return '!'
	case '？':
		return '?'
	case '．':
		return '.'
	case '，':
		return ','
	case '｡':
		return '。'
	case '､':
		return '、'
	case '･':
		return '・'
	case '‥':
		return '…'
	case '⁉':
		return '?'
	default:
		return r
	}
}
