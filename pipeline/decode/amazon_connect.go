package decode

import (
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const (
	sourceAmazonConnect = "amazon-connect"
	sourceContactLens   = "contact-lens"
)

// amazonConnect reads an Amazon Connect contact record. The record holds the
// figures of a contact; what was said comes with the Contact Lens transcript,
// a contact of its own with the same thread: the ContactId. Records come at
// least once; the one with the newest LastUpdateTimestamp stands.
//
// Read: ContactId (id, thread), Channel (VOICE call, CHAT chat, EMAIL mail,
// TASK form), InitiationMethod (direction and attribute), InitiationTimestamp,
// DisconnectTimestamp, LastUpdateTimestamp, Queue.Name, Queue.Duration,
// Agent.Username, Agent.AgentInteractionDuration, Agent.CustomerHoldDuration,
// Agent.AfterContactWorkDuration, DisconnectReason (disposition),
// NextContactId (one transfer), InitialContactId, PreviousContactId and
// Attributes (attributes, but none that is named for personal data),
// CustomerEndpoint.Address or CustomerId (customer key), ContactDetails.Name and
// .Description (a task's, as note). A record with a Queue and without Agent has
// the attribute abandoned.
//
// Dropped: every other field, among them SystemEndpoint, Recordings, ARNs,
// MediaStreams, Tags, VoiceIdResult and the metrics of chats.
func amazonConnect(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	c := &r.contact
	c.Source = voc.NewRaw(sourceAmazonConnect)
	var channel, method, initial, previous, next, name, description string
	var profile voc.Raw
	err = r.root(visits{
		"ContactId":           r.to(&c.ID),
		"Channel":             r.word(&channel),
		"InitiationMethod":    r.word(&method),
		"InitiationTimestamp": r.stamp(&c.OccurredAt),
		"DisconnectTimestamp": r.stamp(&c.EndedAt),
		"LastUpdateTimestamp": r.stamp(&c.UpdatedAt),
		"InitialContactId":    r.word(&initial),
		"PreviousContactId":   r.word(&previous),
		"NextContactId":       r.word(&next),
		"DisconnectReason":    r.to(&c.Disposition),
		"CustomerId":          r.to(&profile),
		"CustomerEndpoint":    r.in(visits{"Address": r.to(&c.CustomerKey)}),
		"Queue":               r.in(visits{"Name": r.to(&c.Queue), "Duration": r.seconds(&c.Handling.Wait)}),
		"Agent": r.in(visits{
			"Username":                 r.to(&c.AgentKey),
			"AgentInteractionDuration": r.seconds(&c.Handling.Talk),
			"CustomerHoldDuration":     r.seconds(&c.Handling.Hold),
			"AfterContactWorkDuration": r.seconds(&c.Handling.AfterCall),
		}),
		"Attributes":     r.siteAttrs,
		"ContactDetails": r.in(visits{"Name": r.said(&name), "Description": r.said(&description)}),
	})
	if err != nil {
		return nil, err
	}
	if c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "ContactId")
	}
	if c.Channel, err = connectChannel(channel); err != nil {
		return nil, err
	}
	if c.ThreadID = c.ID; c.CustomerKey.Empty() {
		c.CustomerKey = profile
	}
	c.Direction = connectDirection(method)
	if next != "" {
		one := 1
		c.Handling.Transfers = &one
	}
	if !c.Queue.Empty() && c.AgentKey.Empty() {
		r.attr("abandoned", "true")
	}
	r.attr("InitiationMethod", method)
	r.attr("InitialContactId", initial)
	r.attr("PreviousContactId", previous)
	c.Note = joinWords(name, description)
	changes := r.upsert()
	changes[0].Figures = true
	return changes, nil
}

func connectChannel(name string) (voc.Channel, error) {
	switch name {
	case "VOICE":
		return voc.ChannelCall, nil
	case "CHAT":
		return voc.ChannelChat, nil
	case "EMAIL":
		return voc.ChannelMail, nil
	case "TASK":
		return voc.ChannelForm, nil
	case "":
		return "", fail(voc.ReasonMissing, "Channel")
	}
	return "", fail(voc.ReasonValue, "Channel")
}

func connectDirection(method string) voc.Direction {
	switch method {
	case "INBOUND", "TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "API", "WEBRTC_API":
		return voc.Inbound
	case "OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY":
		return voc.Outbound
	}
	return ""
}

// contactLens reads a transcript that Contact Lens wrote after a call or a
// chat. The file as analysed and the one under /Redacted are the same contact;
// the one that comes later stands.
//
// Read: CustomerMetadata.ContactId (id, thread), Channel, LanguageCode
// (attribute), Participants[].ParticipantId and .ParticipantRole,
// Transcript[].ParticipantId, .ParticipantRole, .Content, .ContentType and
// .AbsoluteTime, Categories.MatchedCategories. A turn is the customer's only if
// its participant's role is CUSTOMER; a call's turns have no time of day.
//
// Dropped: every other field, among them sentiment, loudness, offsets, issues,
// outcomes, action items, points of interest, redaction marks, the written
// summary, display names, and turns that are no text (events, interactive
// messages, attachments).
func contactLens(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	c := &r.contact
	c.Source = voc.NewRaw(sourceContactLens)
	var channel, language string
	roles := map[string]string{}
	var turns []lensTurn
	err = r.root(visits{
		"Channel":          r.word(&channel),
		"LanguageCode":     r.word(&language),
		"CustomerMetadata": r.in(visits{"ContactId": r.to(&c.ID)}),
		"Categories":       r.in(visits{"MatchedCategories": r.categories}),
		"Participants": r.each(MaxAttrs, func() error {
			var id, role string
			err := r.loose(visits{"ParticipantId": r.word(&id), "ParticipantRole": r.word(&role)})
			roles[id] = role
			return err
		}),
		"Transcript": r.each(MaxTurns, func() error {
			var t lensTurn
			err := r.loose(visits{
				"ParticipantId": r.word(&t.participant), "ParticipantRole": r.word(&t.role),
				"Content": r.said(&t.text), "ContentType": r.word(&t.kind), "AbsoluteTime": r.stamp(&t.at),
			})
			turns = append(turns, t)
			return err
		}),
	})
	if err != nil {
		return nil, err
	}
	if c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "CustomerMetadata.ContactId")
	}
	if c.Channel, err = connectChannel(channel); err != nil {
		return nil, err
	}
	c.ThreadID = c.ID
	r.attr("LanguageCode", language)
	for i, t := range turns {
		if !t.isText() {
			continue
		}
		s, ok := t.speaker(roles)
		if !ok {
			return nil, fail(voc.ReasonValue, index("Transcript", i)+".ParticipantId")
		}
		if c.OccurredAt.IsZero() {
			c.OccurredAt = t.at
		}
		r.turn(s, t.at, t.text)
	}
	return r.upsert(), nil
}

// lensTurn is an element of Transcript.
type lensTurn struct {
	participant, role, kind, text string
	at                            time.Time
}

func (t lensTurn) isText() bool {
	return t.text != "" && (t.kind == "" || strings.HasPrefix(t.kind, "text/"))
}

// speaker looks the role up; it reports false if the turn's participant is none
// of the contact's.
func (t lensTurn) speaker(roles map[string]string) (voc.Speaker, bool) {
	role := t.role
	if role == "" {
		role = roles[t.participant]
	}
	if role == "" { // older files name the role itself
		role = t.participant
	}
	switch role {
	case "CUSTOMER":
		return voc.Customer, true
	case "AGENT", "SUPERVISOR":
		return voc.Agent, true
	case "CUSTOM_BOT":
		return voc.Bot, true
	case "SYSTEM":
		return voc.System, true
	}
	_, known := roles[t.participant]
	return voc.System, known || t.role != "" // a role that is new is no customer
}
