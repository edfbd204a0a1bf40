package decode

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

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
	r.pairs = nil
	return r.dict(func(name string) error {
		i := "[" + strconv.Itoa(len(r.pairs)) + "]"
		a := pair{name: cleanShort(name)}
		switch {
		case len(r.pairs) == MaxAttrs:
			return fail(voc.ReasonTooLarge, "")
		case len(name) > MaxShort:
			return fail(voc.ReasonTooLarge, i)
		case a.name == "", slices.ContainsFunc(r.pairs, func(b pair) bool { return b.name == a.name }):
			return fail(voc.ReasonValue, i)
		}
		var err error
		if a.value, err = r.scalarText(); err != nil {
			return within(err, i)
		}
		r.pairs = append(r.pairs, a)
		return nil
	})
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
