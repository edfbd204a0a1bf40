package decode

import (
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const sourceGenesys = "genesys"

// genesys reads a conversation of Genesys Cloud analytics (conversation
// detail). Names are taken as the API writes them and as its SDKs print them,
// in snake case. What was said is in the agents' wrap-up notes; of a
// conversation without any the figures are kept.
//
// Read: conversationId (id, thread), conversationStart, conversationEnd,
// originatingDirection, participants[].purpose, .userId (of agents: agent key),
// .externalContactId (of customers: customer key), .attributes (of customers:
// attributes, but none that is named for personal data), .sessions[].mediaType
// and .messageType (channel), .direction, .metrics[].name and .value (tAcd
// waiting, tTalkComplete, tHeldComplete, tAcw, nTransferred),
// .segments[].queueId, .wrapUpCode (disposition), .wrapUpNote (note),
// .wrapUpTags (categories), .subject (of an e-mail: the customer's).
//
// Dropped: every other field, among them ani, dnis, addressFrom, addressTo,
// participantName, scores, flow outcomes, media statistics.
func genesys(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	g := genesysTalk{reader: r}
	c := &r.contact
	c.Source = voc.NewRaw(sourceGenesys)
	var direction string
	if r.kind() != '{' {
		return nil, fail(voc.ReasonType, "")
	}
	err = r.looseCamel(visits{
		"conversationId":       r.to(&c.ID),
		"conversationStart":    r.stamp(&c.OccurredAt),
		"conversationEnd":      r.stamp(&c.EndedAt),
		"originatingDirection": r.word(&direction),
		"participants":         r.each(MaxAttrs, g.participant),
	})
	if err != nil {
		return nil, err
	}
	if c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "conversationId")
	}
	if direction == "" {
		direction = g.direction
	}
	switch d := voc.Direction(direction); d {
	case voc.Inbound, voc.Outbound:
		c.Direction = d
	}
	if c.Channel = genesysChannel(g.media, g.message); c.Channel == "" {
		return nil, fail(voc.ReasonMissing, "participants.sessions.mediaType")
	}
	c.ThreadID = c.ID
	for i, to := range []**int{&c.Handling.Wait, &c.Handling.Talk, &c.Handling.Hold, &c.Handling.AfterCall, &c.Handling.Transfers} {
		if g.measured[i] {
			n := min(g.sums[i], maxSeconds)
			*to = &n
		}
	}
	c.Note = joinWords(g.notes...)
	r.turn(voc.Customer, time.Time{}, g.subject)
	changes := r.upsert()
	changes[0].Figures = true
	return changes, nil
}

// genesysTalk gathers what is spread over participants, sessions and segments.
type genesysTalk struct {
	*reader
	media, message, direction, subject string
	notes                              []string
	sums                               [5]int
	measured                           [5]bool
}

// looseCamel is loose for names in camel or snake case.
func (r *reader) looseCamel(v visits) error {
	return r.dict(func(name string) error {
		name = camel(name)
		if read := v[name]; read != nil {
			return within(read(), name)
		}
		return r.over()
	})
}

func camel(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

func (g *genesysTalk) participant() error {
	r, c := g.reader, &g.contact
	var purpose, user, external string
	var own []pair
	before := r.pairs
	err := r.looseCamel(visits{
		"purpose":           r.word(&purpose),
		"userId":            r.word(&user),
		"externalContactId": r.word(&external),
		"sessions":          r.each(MaxAttrs, g.session),
		"attributes": func() error {
			err := r.siteAttrs()
			own = r.pairs
			return err
		},
	})
	r.pairs = before
	switch purpose {
	case "customer", "external":
		for _, a := range own {
			r.attr(a.name, a.value)
		}
		if external != "" {
			c.CustomerKey = voc.NewRaw(external)
		}
	case "agent", "user":
		if user != "" {
			c.AgentKey = voc.NewRaw(user)
		}
	}
	return err
}

func (g *genesysTalk) session() error {
	r := g.reader
	return r.looseCamel(visits{
		"mediaType":   r.first(&g.media),
		"messageType": r.first(&g.message),
		"direction":   r.first(&g.direction),
		"segments":    r.each(MaxTurns, g.segment),
		"metrics":     r.each(MaxTurns, g.metric),
	})
}

func (g *genesysTalk) segment() error {
	r, c := g.reader, &g.contact
	return r.looseCamel(visits{
		"queueId":    r.last(&c.Queue),
		"wrapUpCode": r.last(&c.Disposition),
		"wrapUpTags": r.categories,
		"subject":    r.first(&g.subject),
		"wrapUpNote": func() error {
			var note string
			err := r.said(&note)()
			g.notes = append(g.notes, note)
			return err
		},
	})
}

// first keeps the first value that is not empty.
func (r *reader) first(to *string) func() error {
	return func() error {
		s, err := r.scalarText()
		if *to == "" {
			*to = s
		}
		return err
	}
}

// last keeps the last value that is not empty.
func (r *reader) last(to *voc.Raw) func() error {
	return func() error {
		s, err := r.scalarText()
		if s != "" {
			*to = voc.NewRaw(s)
		}
		return err
	}
}

// metric adds up what the agents' sessions measured, in milliseconds.
func (g *genesysTalk) metric() error {
	r := g.reader
	var name string
	var value *int
	err := r.looseCamel(visits{"name": r.word(&name), "value": func() error { return r.whole(&value) }})
	if err != nil || value == nil {
		return err
	}
	n := *value / 1000
	for i, m := range []string{"tAcd", "tTalkComplete", "tHeldComplete", "tAcw", "nTransferred"} {
		if m != name {
			continue
		}
		if name == "nTransferred" {
			n = *value
		}
		g.sums[i] += n
		g.measured[i] = true
	}
	return nil
}

// whole reads a number of any size that a metric may have.
func (r *reader) whole(to **int) error { return r.number(to, 0, 1000*maxSeconds) }

// genesysChannel is empty if no session tells.
func genesysChannel(media, message string) voc.Channel {
	switch media {
	case "":
		return ""
	case "voice", "callback":
		return voc.ChannelCall
	case "email":
		return voc.ChannelMail
	case "video", "screenshare", "cobrowse":
		return voc.ChannelVideo
	case "message":
		switch message {
		case "twitter", "facebook", "instagram", "apple":
			return voc.ChannelSNS
		}
	}
	return voc.ChannelChat
}
