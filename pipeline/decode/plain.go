package decode

import "github.com/koe-voc/koe/pipeline/voc"

// PlainSource is the source of contacts that the format plain reads.
const PlainSource = "plain"

// plain reads the records that filters are given: what it does not know it
// skips, and nothing is required.
func plain(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	c := &r.contact
	c.Source = voc.NewRaw(PlainSource)
	err = r.fields(func(name string) (err error) {
		switch name {
		case "id":
			err = r.short(&c.ID)
		case "channel":
			var s string
			if s, err = r.str(MaxShort); err == nil {
				c.Channel, _ = channelOf(s)
			}
		case "text":
			err = r.words(&c.Text)
		case "note":
			err = r.words(&c.Note)
		case "turns":
			err = r.plainTurns()
		case "parts":
			err = r.plainParts()
		default:
			return r.over()
		}
		return within(err, name)
	})
	if err != nil {
		return nil, err
	}
	if c.Channel == voc.ChannelCall && c.Note.Empty() {
		c.Note, c.Text = c.Text, voc.Raw{} // what a call leaves as text is the operator's note
	}
	return []voc.Change{{Contact: r.contact}}, nil
}

func (r *reader) plainTurns() error {
	r.contact.Turns = nil
	return r.list(MaxTurns, func() error {
		t := voc.RawTurn{Speaker: voc.Customer}
		err := r.dict(func(name string) (err error) {
			switch name {
			case "speaker":
				var s string
				if s, err = r.str(MaxShort); err == nil {
					t.Speaker, err = plainSpeaker(s)
				}
			case "text":
				err = r.words(&t.Text)
			default:
				return r.over()
			}
			return within(err, name)
		})
		r.contact.Turns = append(r.contact.Turns, t)
		return err
	})
}

func plainSpeaker(s string) (voc.Speaker, error) {
	switch sp := voc.Speaker(s); sp {
	case voc.Customer, voc.Agent, voc.Bot, voc.System:
		return sp, nil
	case "user":
		return voc.Customer, nil
	case "operator":
		return voc.Agent, nil
	}
	return "", fail(voc.ReasonValue, "")
}

func (r *reader) plainParts() error {
	r.contact.Parts = nil
	return r.list(MaxParts, func() error {
		var p voc.RawPart
		err := r.dict(func(name string) (err error) {
			switch name {
			case "question":
				err = r.words(&p.Question)
			case "text":
				err = r.words(&p.Text)
			default:
				return r.over()
			}
			return within(err, name)
		})
		r.contact.Parts = append(r.contact.Parts, p)
		return err
	})
}

// over passes over a value that the format does not know.
func (r *reader) over() error {
	if !r.skip() {
		return fail(voc.ReasonTooLarge, "")
	}
	return nil
}
