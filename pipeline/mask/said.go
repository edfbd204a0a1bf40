package mask

import (
	"strings"

	"github.com/koe-voc/koe/pipeline/morph"
)

// affiliations end what somebody belongs to or is: 総務部, 事務局, 代表. A name
// behind one and before です, より or the end of the line is that person's.
var affiliations = [...]string{
	"部", "課", "係", "室", "局", "班", "士", "総務", "経理", "庶務", "人事", "広報", "営業", "購買", "管理", "代表", "役", "長", "主任",
	"担当", "支配人", "オーナー", "店主", "協会", "組合", "会社", "運輸", "事務所", "センター", "クリニック", "商店", "工務店", "製作所", "技師", "教諭", "司書",
}

// affiliated reports whether text ends in an affiliation.
func affiliated(text string) bool {
	for _, a := range affiliations {
		if strings.HasSuffix(text, a) {
			return true
		}
	}
	return false
}

// told reports whether text says that a name before it is the speaker's.
func told(text string) bool {
	for _, p := range [...]string{"です", "でございます", "でござい", "と申", "と言います", "といいます", "いいます"} {
		rest, is := strings.CutPrefix(text, p)
		if !is {
			continue
		}
		r, _ := runeAt(rest, 0)
		return p != "です" || scriptOfRune(r) != hiragana || strings.ContainsRune("がけとよねえあ", r)
	}
	return false
}

// said takes a name in the row of kanji [i, end) that is said or signed
// without a cue word: 総務部 藤巻です, 先週泊まった荒巻です, あら、深作です. It
// reports whether it took one.
func (s *search) said(i, end int) bool {
	if next, _ := runeAt(s.text, end); next != 0 && !strings.ContainsRune("でとい。よ\n", next) {
		return false // most rows: the costly questions come behind
	}
	n := runes(s.text[i:end])
	if n > 5 {
		return false
	}
	tells := told(s.text[end:])
	before := s.text[:i]
	spaced := strings.HasSuffix(before, " ")
	if !tells && !s.signs(end) && (!spaced || !strings.HasPrefix(s.text[end:], "。")) {
		return false
	}
	prev, w := runeBefore(before, len(before))
	if (spaced || prev == 'の' && tells) && affiliated(before[:len(before)-w]) && s.nameLike(i, end) {
		return s.take(i, end)
	}
	if n < 2 {
		return tells && prev == 'の' && s.flat(i) && s.familyOf(s.text[i:end]) == shortName && s.take(i, end)
	}
	if !tells {
		return s.signature(i, end, prev)
	}
	f := s.familyOf(s.text[i:end])
	u := s.words.Uses(s.text[i:end])
	place := f == placeName || f == bothName || u&morph.PlaceName != 0
	switch {
	case f == noFamily || f == shortName || s.begins(i, cueKnown) > 0:
		return false
	case strings.HasPrefix(s.text[end:], "でござ") && (prev == 0 || strings.ContainsRune("。\n、", prev)):
		return f >= rareName && s.take(i, end)
	case prev == 0 || prev == '\n' || s.afterFiller(i):
		return (f >= rareName && f != placeName || f == weakName && u&placeUse == 0 && u&(morph.OtherWord|morph.CommonWord) == 0) && s.take(i, end)
	case humble(before):
		return f >= rareName && s.take(i, end)
	case u&(morph.CommonWord|morph.OtherWord) != 0 && !s.flat(i):
		return false // 歩いた山道です
	case prev == 'た' || prev == 'だ' || prev == 'る' || prev == 'い':
		return (f == sureName || f == rareName && !place) && s.take(i, end)
	case prev == 'の' || prev == '、' || prev == '。' || spaced:
		if s.flat(i) {
			return s.take(i, end)
		}
		return (f == sureName || f == rareName) && (!place || f == sureName && !s.inPlace(i)) && s.take(i, end)
	}
	return false
}

// humble reports whether text ends in a clause in which speakers speak of
// themselves: お世話になった, 塾を営んでおります.
func humble(text string) bool {
	for _, w := range [...]string{"ます", "ました", "いただいた", "頂いた", "お世話になった", "お願いした", "お電話した", "申し込んだ", "泊まった", "予約した", "入会した", "退会した", "休会した", "契約した", "解約した", "来なくなった", "通った", "を営む", "しておる", "住む", "通う"} {
		if strings.HasSuffix(text, w) {
			return true
		}
	}
	return false
}

// inPlace reports whether a place stands before the の or the comma that ends at i: 福岡の.
func (s *search) inPlace(i int) bool {
	_, n := runeBefore(s.text, i)
	end := i - n
	if scriptBefore(s.text, end) != kanji {
		return false
	}
	word := s.text[runBefore(s.text, end, kanji):end]
	r, _ := runeBefore(word, len(word))
	return s.words.Uses(word)&placeUse != 0 || strings.ContainsRune("県市区郡町村府都道隣方面東西南北駅", r)
}

// nameLike reports whether the row of kanji [i, end) behind an affiliation may
// be a family name: one of the lists, or an unknown word of two or three kanji.
func (s *search) nameLike(i, end int) bool {
	name := s.text[i:end]
	u := s.words.Uses(name)
	if f := s.family(name, u); f != noFamily {
		return f > shortName || !strings.Contains(suffixes, name)
	}
	n := runes(name)
	return n >= 2 && n <= 3 && (u == 0 || u&^(morph.PlaceName|morph.GivenName) == 0) && !firm(name) && !role(name) && !s.wordy(name) && s.begins(i, cueForm) == 0 && s.begins(i, cueName) == 0
}

// flat reports whether what stands before の or ends before i says where the
// speaker lives or belongs rather than what a place is in: 七〇三号室の, 二組の.
func (s *search) flat(i int) bool {
	before := strings.TrimRight(strings.TrimRight(s.text[:i], "の、"), " ")
	for _, w := range [...]string{"号室", "号", "組", "年", "番地", "丁目", "階", "飼い主", "新婦", "新郎", "契約者", "会員", "名義人", "本人", "親", "所", "院", "園", "校", "宅", "店", "社"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return affiliated(before) || before != "" && isDigit(before[len(before)-1])
}

// fillers are what callers say before their name.
var fillers = [...]string{"はい", "あら", "あの", "あのー", "あのう", "え", "えー", "えと", "えーと", "ええと", "えっと", "ええ", "あ", "ああ", "もしもし", "すみません", "すいません", "こんにちは", "どうも", "そうです", "うん", "いえ", "ごめんください", "お世話になります", "お世話になっております"}

// afterFiller reports whether nothing but an interjection stands between the
// beginning of the turn or sentence and i.
func (s *search) afterFiller(i int) bool {
	before := strings.TrimRight(s.text[:i], " 、。…ー")
	for _, f := range fillers {
		head, is := strings.CutSuffix(before, strings.TrimRight(f, "ー"))
		if !is {
			continue
		}
		if r, _ := runeBefore(head, len(head)); r == 0 || strings.ContainsRune("。、 \n「!?ー", r) {
			return true
		}
	}
	return false
}

// signs reports whether a line or the text ends at end, so that what stands
// before may be a signature.
func (s *search) signs(end int) bool {
	rest := s.text[end:]
	if after, ok := strings.CutPrefix(rest, "より"); ok {
		r, _ := runeAt(after, 0)
		return r == 0 || r == '\n' || r == '。'
	}
	rest = strings.TrimPrefix(rest, "。")
	return rest == "" || rest[0] == '\n'
}

// signature takes the family name [i, end) that ends a text: a line or a
// sentence of its own, behind a polite sentence.
func (s *search) signature(i, end int, prev rune) bool {
	name := s.text[i:end]
	u := s.words.Uses(name)
	f := s.family(name, u)
	before := strings.TrimRight(s.text[:i], " \n。!?")
	if len(before) == i || len(before) < 6*len("あ") || prev == ' ' && s.text[end:] != "" {
		return false
	}
	polite := false
	for _, w := range [...]string{"です", "ます", "ました", "ません", "でした", "か", "ください", "下さい", "い", "ましょう", "たく", "て", "拝"} {
		polite = polite || strings.HasSuffix(before, w)
	}
	switch {
	case prev == ' ' && !polite:
		return false
	case f == sureName, f == rareName && u&placeUse == 0, f >= rareName && polite:
		return s.take(i, end)
	case f != noFamily:
		return false
	}
	n, longest := runes(name), 3
	if prev == '\n' {
		longest = 4
	} else if strings.HasSuffix(before, "か") || strings.HasSuffix(before, "い") && !strings.HasSuffix(before, "さい") {
		return false // notes end in questions and what was done: 返せるか。全額返金
	}
	number, _, _ := readNumeral(name)
	return polite && number == 0 && n >= 2 && n <= longest && (u == 0 || u == morph.PlaceName && prev == '\n') && !firm(name) && !role(name) && !s.wordy(name) && s.take(i, end)
}

// staffed takes the family name before what staff do: 吉武添乗員, 栗原SE, 芦田班.
func (s *search) staffed(h hit) {
	row := runBefore(s.text, h.from, kanji)
	if row == h.from {
		return
	}
	from := s.afterHead(row, h.from)
	if f := s.familyOf(s.text[from:h.from]); f == sureName || f == rareName {
		s.take(from, h.from)
	}
}

// single takes the family name of one kanji behind what staff are: 担当牧は,
// 作業員榎へ, 調査部轟より.
func (s *search) single(at int) bool {
	r, n := runeAt(s.text, at)
	to := at + n
	if scriptOfRune(r) != kanji || scriptAt(s.text, to) == kanji || s.familyOf(s.text[at:to]) != shortName || strings.Contains(suffixes, s.text[at:to]) {
		return false
	}
	next, w := runeAt(s.text, to)
	if _, last := runeBefore(s.text, at); s.words.Uses(s.text[at-last:to]) != 0 || strings.ContainsRune("横脇奥元国誠門所道迫関", r) {
		return false // 営業所, 部門
	}
	if !strings.ContainsRune("はがへにのと、", next) && !strings.HasPrefix(s.text[to:], "より") && !strings.HasPrefix(s.text[to:], "から") || next == 'の' && scriptAt(s.text, to+w) == hiragana {
		return false
	}
	return s.take(at, to)
}

// saidKana takes the family name in hiragana with which a turn or a sentence
// begins: ささがわです笹の葉の笹, はいやまいしでございます, くにえだ二名です.
func (s *search) saidKana(i, to int) bool {
	row := s.text[i:to]
	if next, _ := runeAt(s.text, to); next != '申' && next != '言' && !strings.Contains(row, "です") && !strings.Contains(row, "でござ") && !strings.Contains(row, "いいます") && !partyOf(s.text[to:]) {
		return false
	}
	at := i
	if strings.HasSuffix(s.text[:i], "えー") && strings.HasPrefix(s.text[i:], "と") {
		at += len("と") // えーと: the long vowel is katakana
	}
	for {
		cut := ""
		for _, f := range fillers {
			if strings.HasPrefix(s.text[at:to], f) && len(f) > len(cut) {
				cut = f
			}
		}
		if cut == "" || s.reading(cut)&listedReading != 0 {
			break
		}
		at += len(cut)
	}
	for _, from := range [...]int{i, at} {
		end := s.readAhead(from, to, familyReading, 3)
		if end == 0 {
			continue
		}
		name := s.text[from:end]
		k, n := s.reading(name), runes(name)
		if k&listedReading == 0 && n < 4 || k&givenReading != 0 && k&listedReading == 0 || s.words.Uses(name)&morph.PlaceName != 0 {
			continue
		}
		rest := s.text[end:]
		if told(rest) || strings.HasPrefix(rest, "です") && k&listedReading != 0 && s.words.Uses(name) == 0 || end == to && n >= 4 && partyOf(rest) {
			return s.take(from, end)
		}
	}
	return false
}

// afterNo takes the family name in hiragana behind the の that begins the row at
// i, behind what the speaker is: 組合員のえぞえです.
func (s *search) afterNo(i, to int) bool {
	if !strings.HasPrefix(s.text[i:], "の") || !strings.Contains(s.text[i:to], "で") || !affiliated(s.text[:i]) && !strings.HasSuffix(s.text[:i], "員") && !strings.HasSuffix(s.text[:i], "室") {
		return false
	}
	return s.saidKana(i+len("の"), to)
}

// partyOf reports whether text says how many a name's party are: 二名です.
func partyOf(text string) bool {
	_, n, _ := readNumeral(text)
	return n > 0 && strings.HasPrefix(text[n:], "名")
}

// saidAbroad takes the name from abroad in the row of katakana [i, to) that is
// said: 以前書いたソンです.
func (s *search) saidAbroad(i, to int) bool {
	prev, _ := runeBefore(s.text, i)
	return (prev == 'た' || prev == 'る') && s.foreign[s.text[i:to]] && told(s.text[to:]) && s.take(i, to)
}

// greeted takes the name that the speaker says: もしもし、平賀ですけど.
func (s *search) greeted(at int) {
	from, _, _ := s.joiners(at)
	sc := scriptAt(s.text, from)
	if sc == otherScript || from == at && sc != kanji {
		return
	}
	to := runAfter(s.text, from, sc)
	said := func(end int) bool {
		rest := s.text[end:]
		return strings.HasPrefix(rest, "です") || strings.HasPrefix(rest, "と申") || strings.HasPrefix(rest, "といい") || strings.HasPrefix(rest, "でござ") || strings.HasPrefix(rest, "、妻")
	}
	switch sc {
	case kanji:
		if f := s.familyOf(s.text[from:to]); said(to) && (f >= rareName && f != placeName || f == weakName && strings.Contains(s.text[at:from], "、")) {
			s.take(from, to)
		} else if end := s.fullName(from, true); end > 0 {
			s.take(from, end)
		} else if n := runes(s.text[from:to]); strings.HasPrefix(s.text[to:], "とい") && n > 1 && n < 4 && !firm(s.text[from:to]) && s.allGiven(s.text[from:to]) {
			s.take(from, to)
		}
	case hiragana, katakana:
		if end := s.kanaName(from); end > 0 {
			s.take(from, end)
		} else if end := s.readAhead(from, to, familyReading, 2); end > 0 && said(end) {
			s.take(from, end)
		}
	default:
	}
}
