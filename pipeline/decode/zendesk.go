package decode

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const sourceZendesk = "zendesk"

// zendesk reads a ticket with its comments: the ticket itself, as incremental
// and JSON exports write it, or {"ticket": …, "comments": …, "users": …} as the
// API does. Comments of the requester, and of end users among users, are the
// customer's; other public comments are the agents' and never voices; internal
// ones are the operator's note. Without comments the description stands for the
// first, which is the requester's unless somebody else submitted the ticket.
//
// Read: ticket.id, .subject, .description, .status (disposition; deleted
// deletes), .type, .priority and .satisfaction_rating.score (attributes),
// .satisfaction_rating.comment (a part), .requester_id (customer key),
// .submitter_id, .assignee_id (agent key), .group_id (queue), .tags
// (categories), .custom_fields (attributes named field_ID: numbers, true and
// false, and the values of lists, which are tags too; other strings are dropped),
// .via.channel, .via.source.from.ticket_id (thread; else the id), .created_at,
// .updated_at; comments[].author_id, .plain_body or .body, .public,
// .created_at; users[].id and .role.
//
// Dropped: every other field, among them raw_subject, html_body, recipient,
// collaborators, external_id, organization_id, attachments, metadata and names
// and mail addresses of users.
func zendesk(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	z := zendeskTicket{reader: r}
	v := z.ticket()
	v["ticket"] = func() error { return r.loose(z.ticket()) }
	v["comments"] = z.readComments()
	v["users"] = r.each(MaxTurns, func() error {
		var id, role string
		err := r.loose(visits{"id": r.word(&id), "role": r.word(&role)})
		z.endUsers = append(z.endUsers, struct{ id, role string }{id, role})
		return err
	})
	if err := r.root(v); err != nil {
		return nil, err
	}
	r.contact.Source = voc.NewRaw(sourceZendesk)
	switch {
	case z.id == "":
		return nil, fail(voc.ReasonMissing, "id")
	case z.status == "deleted":
		r.contact.ID = voc.NewRaw(z.id)
		return r.remove(), nil
	}
	z.finish()
	return r.upsert(), nil
}

// zendeskTicket is a ticket as it is read.
type zendeskTicket struct {
	*reader
	id, subject, description, status, requester, submitter, via string
	kind, priority, score, praise, follows                      string
	tags                                                        []string
	fields                                                      []zendeskField
	comments                                                    []zendeskComment
	endUsers                                                    []struct{ id, role string }
}

type zendeskField struct {
	id     string
	values []string
	free   bool // strings, which may be words
}

type zendeskComment struct {
	author, plain, body string
	internal            bool
	at                  time.Time
}

func (z *zendeskTicket) ticket() visits {
	r, c := z.reader, &z.contact
	return visits{
		"id":           r.word(&z.id),
		"subject":      r.said(&z.subject),
		"description":  r.said(&z.description),
		"status":       r.word(&z.status),
		"type":         r.word(&z.kind),
		"priority":     r.word(&z.priority),
		"requester_id": r.word(&z.requester),
		"submitter_id": r.word(&z.submitter),
		"assignee_id":  r.to(&c.AgentKey),
		"group_id":     r.to(&c.Queue),
		"tags": r.each(MaxAttrs, func() error {
			tag, err := r.scalarText()
			z.tags = append(z.tags, strings.ToLower(tag))
			c.Categories = append(c.Categories, voc.NewRaw(tag))
			return err
		}),
		"created_at": r.stamp(&c.OccurredAt),
		"updated_at": r.stamp(&c.UpdatedAt),
		"via": r.in(visits{"channel": r.word(&z.via), "source": r.in(visits{
			"from": r.in(visits{"ticket_id": r.word(&z.follows)}),
		})}),
		"satisfaction_rating": r.in(visits{"score": r.word(&z.score), "comment": r.said(&z.praise)}),
		"custom_fields":       r.each(MaxAttrs, z.customField),
		"comments":            z.readComments(),
	}
}

func (z *zendeskTicket) readComments() func() error {
	r := z.reader
	return r.each(MaxTurns, func() error {
		var m zendeskComment
		public := true
		err := r.loose(visits{
			"author_id": r.word(&m.author), "plain_body": r.said(&m.plain), "body": r.said(&m.body),
			"public": r.flag(&public), "created_at": r.stamp(&m.at),
		})
		m.internal = !public
		z.comments = append(z.comments, m)
		return err
	})
}

// customField reads a field that the site defined. Fields of several values are
// written as an array.
func (z *zendeskTicket) customField() error {
	r := z.reader
	f := zendeskField{}
	err := r.loose(visits{"id": r.word(&f.id), "value": func() error {
		if r.kind() != '[' {
			f.free = r.kind() == '"'
			s, err := r.scalarText()
			f.values = []string{s}
			return err
		}
		f.free = true
		return r.list(MaxAttrs, func() error {
			s, err := r.scalarText()
			f.values = append(f.values, s)
			return err
		})
	}})
	z.fields = append(z.fields, f)
	return err
}

// keepFields makes attributes of numbers, of true and false, and of the values
// of lists, which Zendesk repeats as tags. What somebody typed may be a name.
func (z *zendeskTicket) keepFields() {
	for _, f := range z.fields {
		values := slices.DeleteFunc(f.values, func(v string) bool { return f.free && !slices.Contains(z.tags, strings.ToLower(v)) })
		if v := strings.Join(values, " "); f.id != "" && len(v) <= MaxShort {
			z.attr("field_"+f.id, v)
		}
	}
}

func (z *zendeskTicket) finish() {
	c := &z.contact
	c.ID, c.ThreadID = voc.NewRaw(z.id), voc.NewRaw(z.id)
	if z.follows != "" {
		c.ThreadID = voc.NewRaw(z.follows)
	}
	c.CustomerKey, c.Disposition = voc.NewRaw(z.requester), voc.NewRaw(z.status)
	c.Channel = zendeskChannel(z.via)
	z.keepFields()
	z.attr("type", z.kind)
	z.attr("priority", z.priority)
	z.attr("satisfaction", z.score)
	if z.praise != "" {
		c.Parts = append(c.Parts, voc.RawPart{Question: voc.NewRaw("satisfaction_rating"), Text: voc.NewRaw(z.praise)})
	}
	if len(z.comments) == 0 {
		z.comments = []zendeskComment{{author: z.submitter, plain: z.description, at: c.OccurredAt}}
	}
	var notes []string
	own := z.submitter == "" || z.submitter == z.requester || z.isCustomer(z.submitter)
	if own {
		z.turn(voc.Customer, c.OccurredAt, z.subject)
	} else {
		notes = append(notes, z.subject)
	}
	for i, m := range z.comments {
		text := cmp.Or(m.plain, m.body)
		if z.via == "email" {
			text = written(text)
		}
		switch {
		case m.internal, i == 0 && !own && !z.isCustomer(m.author): // an agent wrote down what was said
			notes = append(notes, text)
		case z.isCustomer(m.author), m.author == "":
			z.turn(voc.Customer, m.at, text)
		default:
			z.turn(voc.Agent, m.at, text)
		}
	}
	c.Note = joinWords(notes...)
}

func (z *zendeskTicket) isCustomer(id string) bool {
	if id == "" {
		return false
	}
	for _, u := range z.endUsers {
		if u.id == id {
			return u.role == "end-user"
		}
	}
	return id == z.requester
}

// zendeskChannel maps via.channel; what comes through an app, an API or a way
// that is not listed is a form.
func zendeskChannel(via string) voc.Channel {
	switch via {
	case "email":
		return voc.ChannelMail
	case "voice", "phone":
		return voc.ChannelCall
	case "chat", "messaging", "native_messaging", "sms", "line", "whatsapp", "instagram_dm", "sunshine_conversations_api":
		return voc.ChannelChat
	case "twitter", "twitter_favorite", "twitter_dm", "facebook", "any_channel":
		return voc.ChannelSNS
	}
	return voc.ChannelForm
}
