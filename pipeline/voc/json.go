package voc

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// recordJSON is the form of a Record at every border: JSON Lines, the HTTP
// API, and the stored field of the index. Offsets are code points of text.
type recordJSON struct {
	ID           string             `json:"id"`
	Source       string             `json:"source"`
	Revision     string             `json:"revision"`
	Channel      Channel            `json:"channel,omitempty"`
	Direction    Direction          `json:"direction,omitempty"`
	OccurredAt   time.Time          `json:"occurred_at"`
	EndedAt      *time.Time         `json:"ended_at,omitempty"`
	UpdatedAt    *time.Time         `json:"updated_at,omitempty"`
	CustomerKey  string             `json:"customer_key,omitempty"`
	ThreadID     string             `json:"thread_id,omitempty"`
	Product      string             `json:"product,omitempty"`
	Lot          string             `json:"lot,omitempty"`
	Shop         string             `json:"shop,omitempty"`
	Queue        string             `json:"queue,omitempty"`
	AgentKey     string             `json:"agent_key,omitempty"`
	Categories   []string           `json:"categories,omitempty"`
	Disposition  string             `json:"disposition,omitempty"`
	Attrs        []attrJSON         `json:"attrs,omitempty"`
	NPS          *int               `json:"nps,omitempty"`
	CSAT         *int               `json:"csat,omitempty"`
	Handling     *Handling          `json:"handling,omitempty"`
	Text         string             `json:"text"`
	Segments     []segmentJSON      `json:"segments,omitempty"`
	Masked       map[string]int     `json:"masked,omitempty"`
	Voices       []voiceJSON        `json:"voices,omitempty"`
	Risks        []flagJSON         `json:"risks,omitempty"`
	Signals      []flagJSON         `json:"signals,omitempty"`
	Mentions     []mentionJSON      `json:"mentions,omitempty"`
	Unclassified []unclassifiedJSON `json:"unclassified,omitempty"`
	Definition   string             `json:"definition_version,omitempty"`
}

type attrJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type segmentJSON struct {
	Role  Role       `json:"role"`
	Start int        `json:"start"`
	End   int        `json:"end"`
	At    *time.Time `json:"at,omitempty"`
}

type voiceJSON struct {
	Type       Type     `json:"type"`
	Aspect     Aspect   `json:"aspect"`
	Sub        string   `json:"sub,omitempty"`
	Kind       string   `json:"kind,omitempty"`
	Evidence   string   `json:"evidence"`
	Start      int      `json:"start"`
	End        int      `json:"end"`
	Target     string   `json:"target,omitempty"`
	Polarity   int      `json:"polarity"`
	Qualities  []string `json:"qualities,omitempty"`
	Prior      string   `json:"prior,omitempty"`
	PriorFrom  string   `json:"prior_source,omitempty"`
	Fulfilment string   `json:"fulfilment,omitempty"`
	TouchPoint string   `json:"touchpoint,omitempty"`
	Journey    string   `json:"journey,omitempty"`
	Response   bool     `json:"response_expected"`
	Rule       string   `json:"rule"`
	Confidence float64  `json:"confidence"`
}

type flagJSON struct {
	Flag     string `json:"flag"`
	Evidence string `json:"evidence"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Rule     string `json:"rule"`
}

type mentionJSON struct {
	Kind     string `json:"kind"`
	Value    string `json:"value"`
	Evidence string `json:"evidence"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
}

type unclassifiedJSON struct {
	Evidence string `json:"evidence"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Reason   string `json:"reason"`
}

// Runes converts byte offsets of a text to code points and back. It is built
// once for a text and costs one integer for 64 bytes of it.
type Runes struct {
	text  string
	marks []int // marks[i]: code points before byte 64·i, counting starts only
}

const runeBlock = 64

// NewRunes indexes text, which must be valid UTF-8.
func NewRunes(text string) Runes {
	r := Runes{text: text, marks: make([]int, 0, len(text)/runeBlock+1)}
	n := 0
	for i := range len(text) {
		if i%runeBlock == 0 {
			r.marks = append(r.marks, n)
		}
		if utf8.RuneStart(text[i]) {
			n++
		}
	}
	return r
}

// Of returns the number of code points before byte b, 0 ≤ b ≤ len(text).
func (r Runes) Of(b int) int {
	if len(r.marks) == 0 || b <= 0 {
		return 0
	}
	k := min(b/runeBlock, len(r.marks)-1)
	n := r.marks[k]
	for i := k * runeBlock; i < b && i < len(r.text); i++ {
		if utf8.RuneStart(r.text[i]) {
			n++
		}
	}
	return n
}

// Byte returns the byte offset of code point n; len(text) if n is past the end.
func (r Runes) Byte(n int) int {
	k, found := slices.BinarySearch(r.marks, n)
	if !found {
		k--
	}
	if k < 0 {
		return 0
	}
	c := r.marks[k]
	for i := k * runeBlock; i < len(r.text); i++ {
		if utf8.RuneStart(r.text[i]) {
			if c == n {
				return i
			}
			c++
		}
	}
	return len(r.text)
}

func (r Runes) of(s Span) (start, end int) { return r.Of(s.From), r.Of(s.To) }

func (r Runes) span(start, end int) Span { return Span{r.Byte(start), r.Byte(end)} }

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func given(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// MarshalJSON writes the border form: the field names of the record schema v1,
// offsets in code points of text, evidence spelled out. Sentences, tokens,
// bunsetsu and clauses are left out.
func (r *Record) MarshalJSON() ([]byte, error) {
	at := NewRunes(r.Text)
	j := recordJSON{
		ID: r.ID, Source: r.Source, Revision: r.Revision.String(), Channel: r.Channel, Direction: r.Direction,
		OccurredAt: r.OccurredAt.UTC(), EndedAt: optional(r.EndedAt), UpdatedAt: optional(r.UpdatedAt),
		CustomerKey: r.CustomerKey, ThreadID: r.ThreadID, Product: r.Product, Lot: r.Lot, Shop: r.Shop, Queue: r.Queue,
		AgentKey: r.AgentKey, Categories: r.Categories, Disposition: r.Disposition, NPS: r.NPS, CSAT: r.CSAT,
		Text: r.Text, Masked: r.Masked, Definition: r.Definition,
	}
	if r.Handling != (Handling{}) {
		j.Handling = &r.Handling
	}
	for _, a := range r.Attrs {
		j.Attrs = append(j.Attrs, attrJSON(a))
	}
	for _, s := range r.Segments {
		a, b := at.of(s.Span)
		j.Segments = append(j.Segments, segmentJSON{s.Role, a, b, optional(s.At)})
	}
	for i := range r.Voices {
		j.Voices = append(j.Voices, r.Voices[i].json(r.Text, at))
	}
	j.Risks = flagsJSON(r.Risks, r.Text, at)
	j.Signals = flagsJSON(r.Signals, r.Text, at)
	for _, m := range r.Mentions {
		a, b := at.of(m.Span)
		j.Mentions = append(j.Mentions, mentionJSON{m.Kind, m.Value, r.Slice(m.Span), a, b})
	}
	for _, u := range r.Unclassified {
		a, b := at.of(u.Evidence)
		j.Unclassified = append(j.Unclassified, unclassifiedJSON{r.Slice(u.Evidence), a, b, u.Reason})
	}
	return json.Marshal(j)
}

func (v *Voice) json(text string, at Runes) voiceJSON {
	a, b := at.of(v.Evidence)
	return voiceJSON{
		Type: v.Type, Aspect: v.Aspect, Sub: v.Sub, Kind: v.Kind, Evidence: text[v.Evidence.From:v.Evidence.To], Start: a, End: b,
		Target: v.Target, Polarity: v.Polarity, Qualities: v.Qualities, Prior: v.Prior, PriorFrom: v.PriorFrom, Fulfilment: v.Fulfilment,
		TouchPoint: v.TouchPoint, Journey: v.Journey, Response: v.Response, Rule: v.Rule, Confidence: v.Confidence,
	}
}

func flagsJSON(flags []Flag, text string, at Runes) []flagJSON {
	var out []flagJSON
	for _, f := range flags {
		a, b := at.of(f.Evidence)
		out = append(out, flagJSON{f.Name, text[f.Evidence.From:f.Evidence.To], a, b, f.Rule})
	}
	return out
}

// UnmarshalJSON reads what MarshalJSON wrote. Offsets outside the text are an
// error.
func (r *Record) UnmarshalJSON(data []byte) error {
	var j recordJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	rev, err := ParseRevision(j.Revision)
	if err != nil {
		return err
	}
	*r = Record{
		ID: j.ID, Source: j.Source, Revision: rev, Channel: j.Channel, Direction: j.Direction,
		OccurredAt: j.OccurredAt, EndedAt: given(j.EndedAt), UpdatedAt: given(j.UpdatedAt),
		CustomerKey: j.CustomerKey, ThreadID: j.ThreadID, Product: j.Product, Lot: j.Lot, Shop: j.Shop, Queue: j.Queue,
		AgentKey: j.AgentKey, Categories: j.Categories, Disposition: j.Disposition, NPS: j.NPS, CSAT: j.CSAT,
		Text: j.Text, Masked: j.Masked, Definition: j.Definition,
	}
	if j.Handling != nil {
		r.Handling = *j.Handling
	}
	for _, a := range j.Attrs {
		r.Attrs = append(r.Attrs, Attr(a))
	}
	at := NewRunes(r.Text)
	var bad bool
	span := func(start, end int) Span {
		bad = bad || start < 0 || end < start || end > len(r.Text)
		return at.span(start, end)
	}
	for _, s := range j.Segments {
		r.Segments = append(r.Segments, Segment{s.Role, span(s.Start, s.End), given(s.At)})
	}
	for _, v := range j.Voices {
		r.Voices = append(r.Voices, v.voice(span(v.Start, v.End)))
	}
	for _, f := range j.Risks {
		r.Risks = append(r.Risks, Flag{f.Flag, span(f.Start, f.End), f.Rule})
	}
	for _, f := range j.Signals {
		r.Signals = append(r.Signals, Flag{f.Flag, span(f.Start, f.End), f.Rule})
	}
	for _, m := range j.Mentions {
		r.Mentions = append(r.Mentions, Mention{m.Kind, m.Value, span(m.Start, m.End)})
	}
	for _, u := range j.Unclassified {
		r.Unclassified = append(r.Unclassified, Unclassified{span(u.Start, u.End), u.Reason})
	}
	if bad {
		return fmt.Errorf("record %s: an offset lies outside the text", r.ID)
	}
	return nil
}

func (v voiceJSON) voice(s Span) Voice {
	return Voice{
		Type: v.Type, Aspect: v.Aspect, Sub: v.Sub, Kind: v.Kind, Evidence: s, Target: v.Target, Polarity: v.Polarity,
		Qualities: v.Qualities, Prior: v.Prior, PriorFrom: v.PriorFrom, Fulfilment: v.Fulfilment, TouchPoint: v.TouchPoint,
		Journey: v.Journey, Response: v.Response, Rule: v.Rule, Confidence: v.Confidence,
	}
}
