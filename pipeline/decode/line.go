package decode

import (
	"cmp"
	"slices"
	"time"
	"unicode/utf16"

	"github.com/koe-voc/koe/pipeline/voc"
)

const sourceLine = "line"

// line reads the body of a LINE Messaging API webhook. Each text message is a
// contact whose id is the message's; an unsend event deletes it, whichever
// comes first. Events of one body take effect in the order of their times, and
// one webhookEventId once; a redelivery of an earlier body gives the same
// contacts with the same times again, which changes nothing.
//
// Read: events[].type (message and unsend; others hold nothing), .timestamp,
// .webhookEventId, .source.userId (customer key), .source.groupId or .roomId or
// .userId (thread), .message.id, .message.type (text; others hold nothing: a
// sticker is no words, an image cannot be read), .message.text,
// .message.mention.mentionees[].index and .length (names of others are cut
// out), .unsend.messageId.
//
// Dropped: every other field, among them destination, mode, replyToken,
// deliveryContext, quoteToken, emojis, keywords of stickers, and titles,
// addresses and coordinates of locations.
func line(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	var events []lineEvent
	var given bool
	err = r.root(visits{"events": func() error {
		given = true
		return r.list(MaxTurns, func() error {
			e, err := r.lineEvent()
			events = append(events, e)
			return err
		})
	}})
	if err != nil {
		return nil, err
	}
	if !given {
		return nil, fail(voc.ReasonMissing, "events")
	}
	for i, e := range events {
		if field := e.missing(); field != "" {
			return nil, fail(voc.ReasonMissing, index("events", i)+"."+field)
		}
	}
	slices.SortStableFunc(events, func(a, b lineEvent) int { return a.at.Compare(b.at) })
	seen := map[string]bool{}
	var changes []voc.Change
	for _, e := range events {
		if e.id != "" && seen[e.id] {
			continue
		}
		seen[e.id] = true
		changes = append(changes, e.changes()...)
	}
	return changes, nil
}

// lineEvent is an event as it is read.
type lineEvent struct {
	kind, id, user, group, room      string
	message, messageKind, text, gone string
	mentions                         [][2]int // index and length in UTF-16 units
	at                               time.Time
}

func (r *reader) lineEvent() (lineEvent, error) {
	var e lineEvent
	err := r.loose(visits{
		"type":           r.word(&e.kind),
		"timestamp":      r.millis(&e.at),
		"webhookEventId": r.word(&e.id),
		"source":         r.in(visits{"userId": r.word(&e.user), "groupId": r.word(&e.group), "roomId": r.word(&e.room)}),
		"unsend":         r.in(visits{"messageId": r.word(&e.gone)}),
		"message": r.in(visits{
			"id":   r.word(&e.message),
			"type": r.word(&e.messageKind),
			"text": r.said(&e.text),
			"mention": r.in(visits{"mentionees": r.each(MaxAttrs, func() error {
				var from, length *int
				err := r.loose(visits{
					"index":  func() error { return r.number(&from, 0, MaxText) },
					"length": func() error { return r.number(&length, 0, MaxText) },
				})
				if from != nil && length != nil {
					e.mentions = append(e.mentions, [2]int{*from, *length})
				}
				return err
			})}),
		}),
	})
	return e, err
}

// missing names what the event cannot do without.
func (e *lineEvent) missing() string {
	switch {
	case e.kind == "":
		return "type"
	case e.kind == "message" && e.message == "":
		return "message.id"
	case e.kind == "unsend" && e.gone == "":
		return "unsend.messageId"
	case (e.kind == "message" || e.kind == "unsend") && e.at.IsZero():
		return "timestamp"
	}
	return ""
}

func (e *lineEvent) changes() []voc.Change {
	c := voc.Contact{Source: voc.NewRaw(sourceLine)}
	switch {
	case e.kind == "unsend":
		c.ID, c.UpdatedAt = voc.NewRaw(e.gone), e.at
		return []voc.Change{{Delete: true, Contact: c}}
	case e.kind != "message" || e.messageKind != "text":
		return nil
	}
	c.ID, c.OccurredAt = voc.NewRaw(e.message), e.at
	c.Channel, c.Direction = voc.ChannelChat, voc.Inbound
	c.CustomerKey = voc.NewRaw(e.user)
	c.ThreadID = voc.NewRaw(cmp.Or(e.group, e.room, e.user))
	c.Text = voc.NewRaw(e.withoutNames())
	return []voc.Change{{Contact: c}}
}

// withoutNames leaves the @ of a mention and cuts the name that follows it.
func (e *lineEvent) withoutNames() string {
	if len(e.mentions) == 0 {
		return e.text
	}
	units := utf16.Encode([]rune(e.text))
	cut := make([]bool, len(units))
	for _, m := range e.mentions {
		for i := m[0]; i < m[0]+m[1] && i < len(units); i++ {
			cut[i] = units[i] != '@'
		}
	}
	var out []uint16
	for i, u := range units {
		if !cut[i] {
			out = append(out, u)
		}
	}
	return string(utf16.Decode(out))
}
