// Package mask turns a contact as it came in into a record without personal
// data. It is the only place that reveals raw text: it finds telephone
// numbers, mail addresses, cards, postal codes, account and member numbers,
// birth dates, names and addresses, puts typed placeholders such as [電話] in
// their place, and hashes identities with a secret key.
//
// It does not decide what is a voice, and it keeps nothing: the raw text goes
// with the contact.
package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Kind is a kind of personal data.
type Kind string

// The kinds of personal data.
const (
	Person    Kind = "person"
	Phone     Kind = "phone"
	Email     Kind = "email"
	Address   Kind = "address"
	Postal    Kind = "postal"
	Card      Kind = "card"
	Account   Kind = "account_or_member_id"
	BirthDate Kind = "birthdate"
)

// Kinds lists the kinds in a fixed order.
func Kinds() []Kind {
	return []Kind{Person, Phone, Email, Address, Postal, Card, Account, BirthDate}
}

// Placeholder is what stands in a masked text for a kind. morph knows each as
// a single token.
func (k Kind) Placeholder() string {
	switch k {
	case Person:
		return "[氏名]"
	case Phone:
		return "[電話]"
	case Email:
		return "[メール]"
	case Address:
		return "[住所]"
	case Postal:
		return "[郵便番号]"
	case Card:
		return "[カード]"
	case BirthDate:
		return "[生年月日]"
	case Account:
		return "[番号]"
	default:
		return "[番号]"
	}
}

// Revision counts the changes of the masker that change what it writes. It is
// part of the definition version.
const Revision = 3

// Masker masks contacts. It is immutable and safe for concurrent use.
type Masker struct {
	find *finder
	keys Keys
}

// New builds a Masker on d's name lists and cues. The same keys give the same
// identities.
func New(d *dict.Set, words Dictionary, keys Keys) (*Masker, error) {
	if err := keys.check(); err != nil {
		return nil, err
	}
	f, err := newFinder(d, words)
	if err != nil {
		return nil, err
	}
	return &Masker{find: f, keys: slices.Clone(keys)}, nil
}

// Keys are the secrets of the hashes. The caller does not change them.
func (m *Masker) Keys() Keys { return m.keys }

// Span is a stretch of personal data in an original text.
type Span struct {
	From, To int // of Text's result: code points
	Kind     Kind
}

// Text masks one text and tells what was masked, in code points of the
// original.
func (m *Masker) Text(raw voc.Raw) (masked string, spans []Span) {
	text := raw.Reveal()
	found := m.find.spans(text)
	at := voc.NewRunes(text)
	spans = make([]Span, len(found))
	for i, s := range found {
		spans[i] = Span{From: at.Of(s.From), To: at.Of(s.To), Kind: s.Kind}
	}
	return replace(text, found), spans
}

// Mask returns the record of a contact. Its Revision, and OccurredAt where
// the contact does not say it, are left to the caller.
func (m *Masker) Mask(c voc.Contact) (voc.Record, error) {
	b := builder{m: m}
	r := &b.rec
	r.Source = m.source(c.Source)
	r.ID = m.RecordID(c.Source, c.ID)
	r.Channel, r.Direction = c.Channel, c.Direction
	r.OccurredAt, r.EndedAt, r.UpdatedAt = c.OccurredAt.UTC(), c.EndedAt, c.UpdatedAt
	if c.OccurredAt.IsZero() {
		r.OccurredAt = c.OccurredAt
	}
	customer := m.hashes(c.CustomerKey, customerKey)
	if r.CustomerKey = newest(customer); len(customer) > 1 {
		r.CustomerBefore = customer[:len(customer)-1]
	}
	r.AgentKey = newest(m.hashes(c.AgentKey, agentKey))
	r.ThreadID = m.reference(c.ThreadID)
	r.Product, r.Lot, r.Shop, r.Queue = b.label(c.Product), b.label(c.Lot), b.label(c.Shop), b.label(c.Queue)
	for _, cat := range c.Categories {
		r.Categories = append(r.Categories, b.label(cat))
	}
	r.Disposition = b.label(c.Disposition)
	for _, a := range c.Attrs {
		r.Attrs = append(r.Attrs, voc.Attr{Name: b.label(a.Name), Value: b.label(a.Value)})
	}
	r.NPS, r.CSAT, r.Handling = c.NPS, c.CSAT, c.Handling
	b.words(&c)
	return b.rec, nil
}

// builder puts a record together.
type builder struct {
	m    *Masker
	rec  voc.Record
	text strings.Builder
}

// words masks the words of a contact into one text with segments.
func (b *builder) words(c *voc.Contact) {
	for _, t := range c.Turns {
		b.segment(roleOf(t.Speaker), t.Text)
		if n := len(b.rec.Segments); n > 0 && !t.Text.Empty() {
			b.rec.Segments[n-1].At = t.At
		}
	}
	b.segment(voc.NoteText, c.Note)
	b.segment(voc.FreeText, c.Text)
	for _, p := range c.Parts {
		if !p.Text.Empty() {
			b.segment(voc.PartQuestion, p.Question)
			b.segment(voc.PartAnswer, p.Text)
		}
	}
	b.segment(voc.AnswerText, c.Answer)
	b.rec.Text = b.text.String()
}

func roleOf(s voc.Speaker) voc.Role {
	switch s {
	case voc.Customer:
		return voc.CustomerTurn
	case voc.Bot:
		return voc.BotTurn
	case voc.System:
		return voc.SystemTurn
	case voc.Agent:
		return voc.AgentTurn
	default:
		return voc.AgentTurn
	}
}

func (b *builder) segment(role voc.Role, raw voc.Raw) {
	if raw.Empty() {
		return
	}
	if b.text.Len() > 0 {
		b.text.WriteByte('\n')
	}
	from := b.text.Len()
	b.text.WriteString(b.mask(raw))
	b.rec.Segments = append(b.rec.Segments, voc.Segment{Role: role, Span: voc.Span{From: from, To: b.text.Len()}})
}

// label masks a short value that is shown as it is: a product, a shop.
func (b *builder) label(raw voc.Raw) string {
	if raw.Empty() {
		return ""
	}
	return b.mask(raw)
}

func (b *builder) mask(raw voc.Raw) string {
	text := raw.Reveal()
	found := b.m.find.spans(text)
	for _, s := range found {
		if b.rec.Masked == nil {
			b.rec.Masked = make(map[string]int, 2)
		}
		b.rec.Masked[string(s.Kind)]++
	}
	return clean(replace(text, found))
}

// replace puts placeholders for spans, which are in order and do not overlap.
func replace(text string, spans []found) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.From])
		b.WriteString(s.Kind.Placeholder())
		at = s.To
	}
	b.WriteString(text[at:])
	return b.String()
}

// clean keeps the promise of Record.Text: valid UTF-8, no control characters
// but "\n" and "\t".
func clean(s string) string {
	bad := func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }
	if utf8.ValidString(s) && strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
