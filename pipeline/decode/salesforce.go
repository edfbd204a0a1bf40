package decode

import (
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const sourceSalesforce = "salesforce"

// salesforce reads a Case, with its EmailMessages and CaseComments if the query
// took them along. Subject and Description are the customer's words unless the
// case came in by telephone: then an operator typed them. A case that an e-mail
// opened repeats it as Description; it counts once.
//
// Read: Id, Origin (channel), Subject, Description, Comments and
// CaseComments.records[].CommentBody (note), EmailMessages.records[].TextBody,
// .Incoming and .MessageDate (turns, without quoted history and signature),
// Status (disposition), Reason and Type (category), Priority and IsEscalated
// (attributes), ParentId (thread; else the Id), OwnerId (agent key), ContactId
// (customer key), CreatedDate, ClosedDate, SystemModstamp or LastModifiedDate,
// IsDeleted (true deletes).
//
// Dropped: every other field. SuppliedName, SuppliedEmail, SuppliedPhone,
// SuppliedCompany, ContactEmail, ContactPhone, ContactMobile and ContactFax are
// personal data and are not read at all.
//
// A change event that holds only what changed has no Id and is a dead letter:
// it cannot stand for the whole case.
func salesforce(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	c := &r.contact
	c.Source = voc.NewRaw(sourceSalesforce)
	var origin, reason, kind, priority, parent, subject, description, comments string
	var deleted, escalated bool
	var modified time.Time
	var mails []caseMail
	var notes []string
	err = r.root(visits{
		"Id":               r.to(&c.ID),
		"Origin":           r.word(&origin),
		"Subject":          r.said(&subject),
		"Description":      r.said(&description),
		"Comments":         r.said(&comments),
		"Status":           r.to(&c.Disposition),
		"Reason":           r.word(&reason),
		"Type":             r.word(&kind),
		"Priority":         r.word(&priority),
		"IsEscalated":      r.flag(&escalated),
		"IsDeleted":        r.flag(&deleted),
		"ParentId":         r.word(&parent),
		"OwnerId":          r.to(&c.AgentKey),
		"ContactId":        r.to(&c.CustomerKey),
		"CreatedDate":      r.stamp(&c.OccurredAt),
		"ClosedDate":       r.stamp(&c.EndedAt),
		"SystemModstamp":   r.stamp(&c.UpdatedAt),
		"LastModifiedDate": r.stamp(&modified),
		"EmailMessages": r.in(visits{"records": r.each(MaxTurns, func() error {
			var m caseMail
			err := r.loose(visits{"TextBody": r.said(&m.text), "Incoming": r.flag(&m.incoming), "MessageDate": r.stamp(&m.at)})
			mails = append(mails, m)
			return err
		})}),
		"CaseComments": r.in(visits{"records": r.each(MaxTurns, func() error {
			var text string
			err := r.loose(visits{"CommentBody": r.said(&text)})
			notes = append(notes, text)
			return err
		})}),
	})
	if err != nil {
		return nil, err
	}
	if c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "Id")
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = modified
	}
	if deleted {
		return r.remove(), nil
	}
	if c.ThreadID = c.ID; parent != "" {
		c.ThreadID = voc.NewRaw(parent)
	}
	if path := strings.Trim(kind+"/"+reason, "/"); path != "" {
		c.Categories = []voc.Raw{voc.NewRaw(path)}
	}
	r.attr("Priority", priority)
	if escalated {
		r.attr("IsEscalated", "true")
	}
	c.Channel = caseChannel(origin)
	for _, m := range mails {
		if m.incoming {
			if m.text == description {
				description = ""
			}
			r.turn(voc.Customer, m.at, written(m.text))
		} else {
			r.turn(voc.Agent, m.at, written(m.text))
		}
	}
	notes = append([]string{comments}, notes...)
	if c.Channel == voc.ChannelCall {
		notes = append([]string{subject, description}, notes...)
	} else {
		c.Text = joinWords(subject, written(description))
	}
	c.Note = joinWords(notes...)
	return r.upsert(), nil
}

type caseMail struct {
	text     string
	incoming bool
	at       time.Time
}

// caseChannel maps Origin, a list that each site edits. What it does not know
// is a form.
func caseChannel(origin string) voc.Channel {
	o := strings.ToLower(origin)
	for _, w := range []struct {
		word string
		is   voc.Channel
	}{
		{"mail", voc.ChannelMail},
		{"メール", voc.ChannelMail},
		{"phone", voc.ChannelCall},
		{"電話", voc.ChannelCall},
		{"入電", voc.ChannelCall},
		{"chat", voc.ChannelChat},
		{"チャット", voc.ChannelChat},
		{"line", voc.ChannelChat},
		{"messaging", voc.ChannelChat},
		{"twitter", voc.ChannelSNS},
		{"facebook", voc.ChannelSNS},
		{"sns", voc.ChannelSNS},
		{"survey", voc.ChannelSurvey},
		{"アンケート", voc.ChannelSurvey},
	} {
		if strings.Contains(o, w.word) && !strings.Contains(o, "online") {
			return w.is
		}
	}
	return voc.ChannelForm
}
