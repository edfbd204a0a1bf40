package classify

import (
	"slices"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// janLengths are the digits of a JAN code (JIS X 0501): 13, or 8 in short.
var janLengths = []int{13, 8}

// maxMention bounds a number that is mentioned, in tokens.
const maxMention = 16

// mentions adds the numbers that follow a cue (ロット L2301), JAN codes, and the
// record's own product and shop where the words name them.
func (w *work) mentions(s *voc.Sentence) {
	for i := range w.found {
		m := &w.found[i]
		if m.kind != matchRule || w.lex.rules[m.index].kind != cueRule || w.lex.rules[m.index].cue != cueMention {
			continue
		}
		kind := w.lex.rules[m.index].value
		if span, ok := w.number(int(m.to), s.ToToken, kind == "best_before"); ok {
			w.mention(kind, span)
		}
	}
	text := w.rec.Slice(s.Span)
	w.nameOf("product", w.rec.Product, text, s.Span.From)
	w.nameOf("shop", w.rec.Shop, text, s.Span.From)
}

func (w *work) nameOf(kind, name, text string, from int) {
	if name == "" {
		return
	}
	if i := strings.Index(text, name); i >= 0 {
		w.mention(kind, voc.Span{From: from + i, To: from + i + len(name)})
	}
}

func (w *work) mention(kind string, span voc.Span) {
	value := strings.ToLower(strings.TrimSpace(w.rec.Slice(span)))
	if value == "" || slices.ContainsFunc(w.rec.Mentions, func(m voc.Mention) bool { return m.Kind == kind && m.Value == value }) {
		return
	}
	w.rec.Mentions = append(w.rec.Mentions, voc.Mention{Kind: kind, Value: value, Span: span})
}

// number returns the letters, digits and signs after token i that hold a digit;
// particles and signs between the cue and the number are passed over. A date
// may hold 年, 月 and 日.
func (w *work) number(i, end int, date bool) (voc.Span, bool) {
	ts := w.rec.Tokens
	for n := 0; i < end && n < 3 && !plain(w.rec.Slice(ts[i].Span), date); n++ {
		i++
	}
	from := i
	digit := false
	for i < end && i < from+maxMention && plain(w.rec.Slice(ts[i].Span), date) && (i == from || ts[i].Span.From == ts[i-1].Span.To) {
		digit = digit || strings.ContainsAny(w.rec.Slice(ts[i].Span), "0123456789０１２３４５６７８９")
		i++
	}
	if !digit {
		return voc.Span{}, false
	}
	return voc.Span{From: ts[from].Span.From, To: ts[i-1].Span.To}, true
}

// plain reports text of letters, digits and the signs inside of numbers.
func plain(s string, date bool) bool {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
		case r == '-' || r == '/' || r == '.' || r == '_' || r == '－':
		case date && (r == '年' || r == '月' || r == '日'):
		default:
			return false
		}
	}
	return s != ""
}

// jan adds runs of 13 or 8 digits that begin as Japanese codes do (45, 49).
func (w *work) jan(s *voc.Sentence) {
	for i := s.FromToken; i < s.ToToken; i++ {
		t := w.rec.Slice(w.rec.Tokens[i].Span)
		if slices.Contains(janLengths, len(t)) && (strings.HasPrefix(t, "45") || strings.HasPrefix(t, "49")) && strings.Trim(t, "0123456789") == "" {
			w.mention("jan", w.rec.Tokens[i].Span)
		}
	}
}
