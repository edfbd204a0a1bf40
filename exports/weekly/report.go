package weekly

import (
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Report is what a week came to. Counts are contacts (応対件数) unless the name
// says otherwise; a contact counts once per row.
type Report struct {
	Week        Week         `json:"week"`
	From        string       `json:"from"` // first day, 2026-11-16
	To          string       `json:"to"`   // last day
	Zone        string       `json:"zone"`
	CreatedAt   time.Time    `json:"created_at"`
	Partial     bool         `json:"partial"` // the week was not over
	Summary     Summary      `json:"summary"`
	Topics      []Topic      `json:"topics"`
	Products    []Product    `json:"products"`
	Aspects     []Aspect     `json:"aspects"`
	Channels    []Named      `json:"channels"`
	Risks       []Named      `json:"risks"`
	Definitions []Definition `json:"definitions"`
	// Break: labels of the compared weeks come from more than one definition
	// version, so a change of a count may be a change of the definition.
	Break    bool    `json:"definition_break"`
	Withheld int     `json:"withheld_quotes"` // quotes kept out: injury, privacy, vulnerable
	Folded   int     `json:"folded_topics"`   // topics below MinContacts, in the rows その他
	Options  Applied `json:"options"`

	labels labels
}

// Applied is what the report was made with.
type Applied struct {
	MinContacts int  `json:"min_contacts"`
	Quotes      int  `json:"quotes"`
	Sensitive   bool `json:"sensitive_quotes"`
	History     int  `json:"history_weeks"`
}

// Count is a number against the weeks before. Last and Mean are
// nil where those weeks have no contacts at all.
type Count struct {
	Now  int      `json:"count"`
	Last *int     `json:"last_week"`
	Mean *float64 `json:"mean_4_weeks"` // of those of the four weeks before that have contacts
}

// Change is the count less the mean; nil without a mean.
func (c Count) Change() *float64 {
	if c.Mean == nil {
		return nil
	}
	v := float64(c.Now) - *c.Mean
	return &v
}

// Ratio is the change over the mean; nil where the mean is 0 or not known.
func (c Count) Ratio() *float64 {
	if c.Mean == nil || *c.Mean == 0 {
		return nil
	}
	v := (float64(c.Now) - *c.Mean) / *c.Mean
	return &v
}

// Rate is a share or rate against the weeks before, those four pooled; nil
// where nothing was counted.
type Rate struct {
	Now  *float64 `json:"value"`
	Last *float64 `json:"last_week"`
	Mean *float64 `json:"pooled_4_weeks"`
}

// Summary holds the figures of the whole week.
type Summary struct {
	Contacts     Count `json:"contacts"`
	Voiced       Count `json:"contacts_with_voice"`
	Voices       Count `json:"voices"` // voices, not contacts
	Complaints   Count `json:"contacts_with_complaint"`
	Expectations Count `json:"contacts_with_expectation"`
	Praises      Count `json:"contacts_with_praise"`
	Inquiries    Count `json:"contacts_with_inquiry"`
	ComplaintsPM Rate  `json:"complaint_contacts_per_1000_contacts"`
	Unclassified Rate  `json:"unclassified_share"`
}

// Topic is a row of the export.
type Topic struct {
	Rank    int        `json:"rank"`
	Product string     `json:"product"` // empty: none given
	Type    voc.Type   `json:"type"`
	Aspect  voc.Aspect `json:"aspect"` // empty: topics that were folded
	Target  string     `json:"target"` // empty: the aspect names it
	Label   string     `json:"label"`
	Count
	Share     float64 `json:"share"` // of the week's contacts; shares do not add up to 1
	Voices    int     `json:"voices"`
	FirstSeen string  `json:"first_seen"` // day
	// Earlier: the topic was there in the first week that has contacts, so it
	// may be older than FirstSeen.
	Earlier bool    `json:"first_seen_or_earlier"`
	New     bool    `json:"new"` // not seen before this week
	Quotes  []Quote `json:"quotes"`
}

// Quote is what one customer said, masked.
type Quote struct {
	RecordID string      `json:"record_id"`
	Text     string      `json:"text"`
	Channel  voc.Channel `json:"channel"`
	Day      string      `json:"day"`
	Rule     string      `json:"rule"`

	confidence float64
	at         time.Time
}

// Product is a row of the table by product.
type Product struct {
	Product string `json:"product"` // empty: none given
	Count
	Complaints   int  `json:"complaints"`
	Expectations int  `json:"expectations"`
	Praises      int  `json:"praises"`
	Inquiries    int  `json:"inquiries"`
	ComplaintsPM Rate `json:"complaint_contacts_per_1000_contacts"`
}

// Aspect is a row of the table type × aspect.
type Aspect struct {
	Aspect       voc.Aspect `json:"aspect"`
	Complaints   Count      `json:"complaints"`
	Expectations Count      `json:"expectations"`
	Praises      Count      `json:"praises"`
	Inquiries    Count      `json:"inquiries"`
}

// Named is a count of a channel or a risk.
type Named struct {
	ID string `json:"id"`
	Count
}

// Definition tells how many contacts of the compared weeks a version labelled.
type Definition struct {
	Version  string `json:"version"`
	Contacts []int  `json:"contacts_by_week"` // the week, the week before, …
}
