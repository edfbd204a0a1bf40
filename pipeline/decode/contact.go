package decode

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const (
	schemaContact = "koe.contact/1"
	schemaDelete  = "koe.delete/1"
)

var bom = []byte("\ufeff")

// contact reads an object of contact schema v1. A channel that is not empty is
// the only one allowed and stands in if the object has none.
func contact(value []byte, channel voc.Channel) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	if err := r.fields(r.field); err != nil {
		return nil, err
	}
	if r.schema == schemaDelete {
		return r.delete()
	}
	c := &r.contact
	if c.Channel == "" {
		c.Channel = channel
	}
	switch {
	case c.ID.Empty():
		return nil, fail(voc.ReasonMissing, "id")
	case c.Source.Empty():
		return nil, fail(voc.ReasonMissing, "source")
	case c.Channel == "":
		return nil, fail(voc.ReasonMissing, "channel")
	case channel != "" && c.Channel != channel:
		return nil, fail(voc.ReasonValue, "channel")
	}
	return []voc.Change{{Contact: r.contact}}, nil
}

func (r *reader) delete() ([]voc.Change, error) {
	for _, name := range r.given {
		switch name {
		case "schema", "source", "id", "updated_at":
		default:
			return nil, fail(voc.ReasonUnknown, name)
		}
	}
	switch {
	case r.contact.ID.Empty():
		return nil, fail(voc.ReasonMissing, "id")
	case r.contact.Source.Empty():
		return nil, fail(voc.ReasonMissing, "source")
	}
	return []voc.Change{{Delete: true, Contact: r.contact}}, nil
}

// tombstone reads the key of a message without a value.
func tombstone(key []byte) ([]voc.Change, error) {
	switch {
	case len(key) > 2*MaxShort:
		return nil, fail(voc.ReasonTooLarge, "key")
	case bytes.HasPrefix(bytes.TrimSpace(key), []byte("{")):
		r, err := open(key)
		if err == nil {
			err = r.fields(r.field)
		}
		if err == nil {
			var c []voc.Change
			if c, err = r.delete(); err == nil {
				return c, nil
			}
		}
		return nil, within(err, "key")
	}
	source, id, ok := bytes.Cut(key, []byte("/"))
	c := voc.Contact{Source: voc.NewRaw(cleanShort(string(source))), ID: voc.NewRaw(cleanShort(string(id)))}
	if !ok || c.Source.Empty() || c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "key")
	}
	return []voc.Change{{Delete: true, Contact: c}}, nil
}

// Key returns the key under which the versions of a contact keep their order
// in a topic, and which as a tombstone's key deletes it: "source/id", or an
// object if the source holds a "/". It is nil if value is no contact with both.
func Key(value []byte) []byte {
	var source, id string
	r, err := open(value)
	if err != nil {
		return nil
	}
	for _, f := range []struct {
		name string
		to   *string
	}{{"source", &source}, {"id", &id}} {
		r.at = 0
		if r.fields(func(name string) error {
			if name == f.name && r.kind() == '"' {
				*f.to = cleanShort(r.text())
			} else {
				r.skip()
			}
			return nil
		}) != nil || *f.to == "" {
			return nil
		}
	}
	if !bytes.ContainsRune([]byte(source), '/') {
		return []byte(source + "/" + id)
	}
	key := append([]byte(`{"source":`), appendString(nil, source)...)
	key = append(append(key, `,"id":`...), appendString(nil, id)...)
	return append(key, '}')
}

// reader reads one object of the schema into contact.
type reader struct {
	cursor
	contact voc.Contact
	schema  string
	given   []string // the names read so far, all of the schema
}

// open checks the syntax; the cursor then walks without errors.
func open(value []byte) (*reader, error) {
	value = bytes.TrimPrefix(value, bom)
	if !json.Valid(value) {
		return nil, fail(voc.ReasonSyntax, "")
	}
	return &reader{cursor: cursor{data: value}}, nil
}

func (r *reader) fields(visit func(name string) error) error {
	if r.kind() != '{' {
		return fail(voc.ReasonType, "")
	}
	return r.object(visit)
}

// field reads the value of one name of the schema.
func (r *reader) field(name string) error {
	c := &r.contact
	if slices.Contains(r.given, name) {
		return fail(voc.ReasonValue, name)
	}
	var err error
	switch name {
	case "schema":
		err = r.schemaName()
	case "id":
		err = r.short(&c.ID)
	case "source":
		err = r.short(&c.Source)
	case "channel":
		err = r.channel()
	case "direction":
		err = r.direction()
	case "occurred_at":
		err = r.time(&c.OccurredAt)
	case "ended_at":
		err = r.time(&c.EndedAt)
	case "updated_at":
		err = r.time(&c.UpdatedAt)
	case "categories":
		err = r.categories()
	case "attrs":
		err = r.attrs()
	case "nps":
		err = r.number(&c.NPS, 0, 10)
	case "csat":
		err = r.number(&c.CSAT, 1, 5)
	case "handling":
		err = r.handling()
	case "turns":
		err = r.turns()
	case "parts":
		err = r.parts()
	default:
		var to *voc.Raw
		var words bool
		if to, words = stringField(c, name); to == nil {
			return fail(voc.ReasonUnknown, "")
		}
		if words {
			err = r.words(to)
		} else {
			err = r.short(to)
		}
	}
	r.given = append(r.given, name)
	return within(err, name)
}

// stringField returns the field that a name stands for, and whether it holds
// words.
func stringField(c *voc.Contact, name string) (to *voc.Raw, words bool) {
	switch name {
	case "customer_key":
		return &c.CustomerKey, false
	case "thread_id":
		return &c.ThreadID, false
	case "product":
		return &c.Product, false
	case "lot":
		return &c.Lot, false
	case "shop":
		return &c.Shop, false
	case "queue":
		return &c.Queue, false
	case "agent_key":
		return &c.AgentKey, false
	case "disposition":
		return &c.Disposition, false
	case "note":
		return &c.Note, true
	case "answer":
		return &c.Answer, true
	case "text":
		return &c.Text, true
	}
	return nil, false
}

// null consumes a null and reports whether there was one.
func (r *reader) null() bool {
	if r.kind() != 'n' {
		return false
	}
	r.scalar()
	return true
}

// str returns a string, empty for null.
func (r *reader) str(limit int) (string, error) {
	switch {
	case r.null():
		return "", nil
	case r.kind() != '"':
		return "", fail(voc.ReasonType, "")
	}
	if s := r.text(); len(s) <= limit {
		return s, nil
	}
	return "", fail(voc.ReasonTooLarge, "")
}

func (r *reader) short(to *voc.Raw) error {
	s, err := r.str(MaxShort)
	*to = voc.NewRaw(cleanShort(s))
	return err
}

func (r *reader) words(to *voc.Raw) error {
	s, err := r.str(MaxText)
	*to = voc.NewRaw(clean(s))
	return err
}

func (r *reader) schemaName() error {
	s, err := r.str(MaxShort)
	switch s {
	case "", schemaContact:
	case schemaDelete:
		r.schema = schemaDelete
	default:
		return fail(voc.ReasonValue, "")
	}
	return err
}

func (r *reader) channel() error {
	s, err := r.str(MaxShort)
	if err != nil || s == "" {
		return err
	}
	c, ok := channelOf(s)
	if !ok {
		return fail(voc.ReasonValue, "")
	}
	r.contact.Channel = c
	return nil
}

func channelOf(s string) (voc.Channel, bool) {
	if s == "email" {
		return voc.ChannelMail, true
	}
	if c := voc.Channel(s); slices.Contains(voc.Channels(), c) {
		return c, true
	}
	return "", false
}

func (r *reader) direction() error {
	s, err := r.str(MaxShort)
	switch d := voc.Direction(s); d {
	case "", voc.Inbound, voc.Outbound:
		r.contact.Direction = d
	default:
		return fail(voc.ReasonValue, "")
	}
	return err
}

// The years that a time may lie in. A slip of the pen such as 20226 would else
// be the newest version of a contact for ever.
const (
	firstYear = 1900
	lastYear  = 2199
)

func (r *reader) time(to *time.Time) error {
	s, err := r.str(MaxShort)
	if err != nil || s == "" {
		return err
	}
	var t time.Time
	// UnmarshalText holds to RFC 3339, which time.Parse does not.
	if t.UnmarshalText([]byte(s)) != nil || t.UTC().Year() < firstYear || t.UTC().Year() > lastYear {
		return fail(voc.ReasonValue, "")
	}
	*to = t
	return nil
}

// number reads a whole number in [low, high]; 9.0 is whole, "9" is not a
// number.
func (r *reader) number(to **int, low, high int) error {
	switch {
	case r.null():
		return nil
	case r.kind() != '0':
		return fail(voc.ReasonType, "")
	}
	f, err := strconv.ParseFloat(string(r.scalar()), 64)
	if err != nil || f != math.Trunc(f) || f < float64(low) || f > float64(high) {
		return fail(voc.ReasonValue, "")
	}
	n := int(f)
	*to = &n
	return nil
}

func (r *reader) categories() error {
	return r.list(MaxAttrs, func() error {
		var c voc.Raw
		err := r.short(&c)
		if !c.Empty() {
			r.contact.Categories = append(r.contact.Categories, c)
		}
		return err
	})
}

// attrs reads the only object whose names come from outside; paths count its
// entries.
func (r *reader) attrs() error {
	type attr struct{ name, value string }
	var all []attr
	err := r.dict(func(name string) error {
		i := "[" + strconv.Itoa(len(all)) + "]"
		a := attr{name: cleanShort(name)}
		switch {
		case len(all) == MaxAttrs:
			return fail(voc.ReasonTooLarge, "")
		case len(name) > MaxShort:
			return fail(voc.ReasonTooLarge, i)
		case a.name == "", slices.ContainsFunc(all, func(b attr) bool { return b.name == a.name }):
			return fail(voc.ReasonValue, i)
		}
		switch r.kind() {
		case '{', '[':
			return fail(voc.ReasonType, i)
		case '"', 'n':
			s, err := r.str(MaxShort)
			if err != nil {
				return within(err, i)
			}
			a.value = cleanShort(s)
		default:
			a.value = string(r.scalar())
		}
		all = append(all, a)
		return nil
	})
	slices.SortFunc(all, func(a, b attr) int { return cmp.Compare(a.name, b.name) })
	for _, a := range all {
		if a.value != "" {
			r.contact.Attrs = append(r.contact.Attrs, voc.RawAttr{Name: voc.NewRaw(a.name), Value: voc.NewRaw(a.value)})
		}
	}
	return err
}

// maxSeconds bounds a duration: a month, longer than any call or queue.
const maxSeconds = 31 * 24 * 3600

func (r *reader) handling() error {
	h := &r.contact.Handling
	return r.record(func(name string) error {
		switch name {
		case "wait_seconds":
			return r.number(&h.Wait, 0, maxSeconds)
		case "talk_seconds":
			return r.number(&h.Talk, 0, maxSeconds)
		case "hold_seconds":
			return r.number(&h.Hold, 0, maxSeconds)
		case "after_call_seconds":
			return r.number(&h.AfterCall, 0, maxSeconds)
		case "transfers":
			return r.number(&h.Transfers, 0, 1000)
		}
		return errUnknown
	})
}

func (r *reader) turns() error {
	return r.list(MaxTurns, func() error {
		var t voc.RawTurn
		err := r.record(func(name string) error {
			switch name {
			case "speaker":
				s, err := r.str(MaxShort)
				t.Speaker = voc.Speaker(s)
				if err != nil {
					return err
				}
				switch t.Speaker {
				case voc.Customer, voc.Agent, voc.Bot, voc.System:
					return nil
				}
				return fail(voc.ReasonValue, "")
			case "at":
				return r.time(&t.At)
			case "text":
				return r.words(&t.Text)
			}
			return errUnknown
		})
		if err == nil && t.Speaker == "" {
			err = fail(voc.ReasonMissing, "speaker")
		}
		r.contact.Turns = append(r.contact.Turns, t)
		return err
	})
}

func (r *reader) parts() error {
	return r.list(MaxParts, func() error {
		var p voc.RawPart
		err := r.record(func(name string) error {
			switch name {
			case "question":
				return r.words(&p.Question)
			case "text":
				return r.words(&p.Text)
			}
			return errUnknown
		})
		r.contact.Parts = append(r.contact.Parts, p)
		return err
	})
}
