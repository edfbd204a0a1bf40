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
	s := supportCase{reader: r}
	c := &r.contact
	c.Source = voc.NewRaw(sourceSalesforce)
	if err := r.root(s.visits()); err != nil {
		return nil, err
	}
	if c.ID.Empty() {
		return nil, fail(voc.ReasonMissing, "Id")
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = s.modified
	}
	if s.deleted {
		return r.remove(), nil
	}
	s.finish()
	return r.upsert(), nil
}

// supportCase is a Case as it is read.
type supportCase struct {
	*reader
	origin, reason, kind, priority, parent string
	subject, description, comments         string
	deleted, escalated                     bool
	modified                               time.Time
	mails                                  []caseMail
	notes                                  []string
}

func (s *supportCase) visits() visits {
	r, c := s.reader, &s.contact
	return visits{
		"Id":               r.to(&c.ID),
		"Origin":           r.word(&s.origin),
		"Subject":          r.said(&s.subject),
		"Description":      r.said(&s.description),
		"Comments":         r.said(&s.comments),
		"Status":           r.to(&c.Disposition),
		"Reason":           r.word(&s.reason),
		"Type":             r.word(&s.kind),
		"Priority":         r.word(&s.priority),
		"IsEscalated":      r.flag(&s.escalated),
		"IsDeleted":        r.flag(&s.deleted),
		"ParentId":         r.word(&s.parent),
		"OwnerId":          r.to(&c.AgentKey),
		"ContactId":        r.to(&c.CustomerKey),
		"CreatedDate":      r.stamp(&c.OccurredAt),
		"ClosedDate":       r.stamp(&c.EndedAt),
		"SystemModstamp":   r.stamp(&c.UpdatedAt),
		"LastModifiedDate": r.stamp(&s.modified),
		"EmailMessages": r.in(visits{"records": r.each(MaxTurns, func() error {
			var m caseMail
			err := r.loose(visits{"TextBody": r.said(&m.text), "Incoming": r.flag(&m.incoming), "MessageDate": r.stamp(&m.at)})
			s.mails = append(s.mails, m)
			return err
		})}),
		"CaseComments": r.in(visits{"records": r.each(MaxTurns, func() error {
			var text string
			err := r.loose(visits{"CommentBody": r.said(&text)})
			s.notes = append(s.notes, text)
			return err
		})}),
	}
}

func (s *supportCase) finish() {
	c := &s.contact
	if c.ThreadID = c.ID; s.parent != "" {
		c.ThreadID = voc.NewRaw(s.parent)
	}
	if path := strings.Trim(s.kind+"/"+s.reason, "/"); path != "" {
		c.Categories = []voc.Raw{voc.NewRaw(path)}
	}
	s.attr("Priority", s.priority)
	if s.escalated {
		s.attr("IsEscalated", "true")
	}
	c.Channel = caseChannel(s.origin)
	for _, m := range s.mails {
		speaker := voc.Agent
		if m.incoming {
			speaker = voc.Customer
			if m.text == s.description {
				s.description = ""
			}
		}
		s.turn(speaker, m.at, written(m.text))
	}
	notes := append([]string{s.comments}, s.notes...)
	if c.Channel == voc.ChannelCall {
		notes = append([]string{s.subject, s.description}, notes...)
	} else {
		c.Text = joinWords(s.subject, written(s.description))
	}
	c.Note = joinWords(notes...)
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
