package weekly

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/voc"
)

// placeholder is what the masker puts in the place of personal data.
var placeholder = regexp.MustCompile(`\[[^\[\]\n]{1,12}\]`)

// quote returns at most limit code points around the evidence, from its own
// segment: whole sentences where they fit, never half a placeholder. It is
// empty if placeholders are all that is left.
func quote(r *voc.Record, evidence voc.Span, limit int) string {
	area := voc.Span{To: len(r.Text)}
	for _, s := range r.Segments {
		if s.Span.Contains(evidence) {
			area = s.Span
			break
		}
	}
	window := widen(r.Text, area, evidence, limit-2) // an ellipsis on each side
	text := strings.Join(strings.Fields(r.Text[window.From:window.To]), " ")
	if !says(text) {
		return ""
	}
	if strings.TrimSpace(r.Text[area.From:window.From]) != "" {
		text = "…" + text
	}
	if strings.TrimSpace(r.Text[window.To:area.To]) != "" {
		text += "…"
	}
	return text
}

// says reports whether two letters are left beside the placeholders.
func says(text string) bool {
	n := 0
	for _, c := range placeholder.ReplaceAllString(text, "") {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n >= 2
}

// widen returns the evidence with as much of area around it as limit allows,
// cut back to sentence ends on both sides where there are some.
func widen(text string, area, evidence voc.Span, limit int) voc.Span {
	w := evidence
	room := limit - utf8.RuneCountInString(text[w.From:w.To])
	if room <= 0 {
		for i := range text[w.From:w.To] {
			if limit--; limit < 0 {
				w.To = w.From + i
				break
			}
		}
		return whole(text, area, w, evidence.From)
	}
	left := max(room/2, room-utf8.RuneCountInString(text[evidence.To:area.To]))
	for range left {
		_, n := utf8.DecodeLastRuneInString(text[area.From:w.From])
		w.From -= n
	}
	for range room - utf8.RuneCountInString(text[w.From:evidence.From]) {
		_, n := utf8.DecodeRuneInString(text[w.To:area.To])
		w.To += n
	}
	if w.From > area.From {
		if i := strings.IndexAny(text[w.From:evidence.From], sentenceEnds); i >= 0 {
			_, n := utf8.DecodeRuneInString(text[w.From+i:])
			w.From += i + n
		}
	}
	if w.To < area.To {
		if i := strings.LastIndexAny(text[evidence.To:w.To], sentenceEnds); i >= 0 {
			_, n := utf8.DecodeRuneInString(text[evidence.To+i:])
			w.To = evidence.To + i + n
		}
	}
	return whole(text, area, w, evidence.From)
}

const sentenceEnds = "。！？!?\n"

// whole moves the edges of w inwards past placeholders that they cut.
func whole(text string, area, w voc.Span, keep int) voc.Span {
	for _, at := range placeholder.FindAllStringIndex(text[area.From:area.To], -1) {
		from, to := area.From+at[0], area.From+at[1]
		if from < w.From && w.From < to && to <= w.To {
			w.From = to
		}
		if from < w.To && w.To < to && from >= max(w.From, keep) {
			w.To = from
		}
	}
	return w
}
