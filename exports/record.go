package exports

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func integer(n *int32) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// record is the inverse of rows.
func record(c *contactRow, voices []voiceRow) (*voc.Record, error) {
	rev, err := voc.ParseRevision(c.Revision)
	if err != nil {
		return nil, fmt.Errorf("contact %s: %w", c.ID, err)
	}
	r := &voc.Record{
		ID: c.ID, Source: c.Source, Revision: rev, Channel: voc.Channel(c.Channel), Direction: voc.Direction(str(c.Direction)),
		OccurredAt: c.OccurredAt.UTC(), EndedAt: instant(c.EndedAt), UpdatedAt: instant(c.UpdatedAt),
		CustomerKey: str(c.CustomerKey), ThreadID: str(c.ThreadID), Product: str(c.Product), Lot: str(c.Lot), Shop: str(c.Shop), Queue: str(c.Queue),
		AgentKey: str(c.AgentKey), Categories: c.Categories, Disposition: str(c.Disposition), NPS: integer(c.NPS), CSAT: integer(c.CSAT),
		Handling: voc.Handling{Wait: integer(c.Wait), Talk: integer(c.Talk), Hold: integer(c.Hold), AfterCall: integer(c.AfterCall), Transfers: integer(c.Transfers)},
		Text:     c.Text, Definition: c.Definition,
	}
	for n, v := range c.Attrs {
		r.Attrs = append(r.Attrs, voc.Attr{Name: n, Value: v})
	}
	slices.SortFunc(r.Attrs, func(a, b voc.Attr) int { return cmp.Compare(a.Name, b.Name) })
	for k, n := range c.Masked {
		if r.Masked == nil {
			r.Masked = make(map[string]int, len(c.Masked))
		}
		r.Masked[k] = int(n)
	}
	at := voc.NewRunes(c.Text)
	span := func(start, end int32) voc.Span { return voc.Span{From: at.Byte(int(start)), To: at.Byte(int(end))} }
	for _, s := range c.Segments {
		r.Segments = append(r.Segments, voc.Segment{Role: voc.Role(s.Role), Span: span(s.Start, s.End), At: instant(s.At)})
	}
	flags := func(in []flagRow) (out []voc.Flag) {
		for _, f := range in {
			out = append(out, voc.Flag{Name: f.Flag, Evidence: span(f.Start, f.End), Rule: f.Rule})
		}
		return out
	}
	r.Risks, r.Signals = flags(c.Risks), flags(c.Signals)
	for _, m := range c.Mentions {
		r.Mentions = append(r.Mentions, voc.Mention{Kind: m.Kind, Value: m.Value, Span: span(m.Start, m.End)})
	}
	for _, u := range c.Unclassified {
		r.Unclassified = append(r.Unclassified, voc.Unclassified{Evidence: span(u.Start, u.End), Reason: u.Reason})
	}
	for _, v := range voices {
		r.Voices = append(r.Voices, voc.Voice{
			Type: voc.Type(v.Type), Aspect: voc.Aspect(v.Aspect), Sub: str(v.Sub), Kind: str(v.Kind), Evidence: span(v.Start, v.End), Target: str(v.Target),
			Polarity: int(v.Polarity), Qualities: v.Qualities, Prior: str(v.Prior), PriorFrom: str(v.PriorFrom), Fulfilment: str(v.Fulfilment),
			TouchPoint: str(v.TouchPoint), Journey: str(v.Journey), Response: v.Response, Rule: v.Rule, Confidence: v.Confidence,
		})
	}
	return r, nil
}
