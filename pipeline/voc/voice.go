package voc

// The vocabularies below are closed. Their ids, labels and definitions in
// words stand in dict/data/taxonomy.yaml; a test keeps the two equal.

// Type is what kind of thing a voice is.
type Type string

// The types of a voice.
const (
	Complaint   Type = "complaint"
	Expectation Type = "expectation"
	Praise      Type = "praise"
	Inquiry     Type = "inquiry"
)

// Types lists the types in the order of the taxonomy.
func Types() []Type { return []Type{Complaint, Expectation, Praise, Inquiry} }

// Aspect is what a voice is about.
type Aspect string

// The aspects of a voice.
const (
	Product      Aspect = "product"
	Assortment   Aspect = "assortment"
	Delivery     Aspect = "delivery"
	Price        Aspect = "price"
	Attitude     Aspect = "attitude"
	Explanation  Aspect = "explanation"
	Access       Aspect = "access"
	Procedure    Aspect = "procedure"
	Digital      Aspect = "digital"
	Facility     Aspect = "facility"
	Coordination Aspect = "coordination"
	Promise      Aspect = "promise"
	Advertising  Aspect = "advertising"
	Safety       Aspect = "safety"
	Other        Aspect = "other"
)

// Aspects lists the aspects in the order of the taxonomy.
func Aspects() []Aspect {
	return []Aspect{
		Product, Assortment, Delivery, Price, Attitude, Explanation, Access, Procedure,
		Digital, Facility, Coordination, Promise, Advertising, Safety, Other,
	}
}

// Risks lists the risk flags of a record in the order of the taxonomy.
func Risks() []string {
	return []string{"churn", "legal", "exposure", "injury", "privacy", "harassment", "repeat"}
}

// Signals lists the signals of a record in the order of the taxonomy.
func Signals() []string {
	return []string{"fraud", "compensation", "vulnerable", "self_service", "channel_switch", "competitor"}
}

// Span is a range of a record's text: bytes of Record.Text, half open.
type Span struct{ From, To int }

// Len returns the length in bytes.
func (s Span) Len() int { return s.To - s.From }

// Contains reports whether t lies in s.
func (s Span) Contains(t Span) bool { return s.From <= t.From && t.To <= s.To }

// Voice is one thing that the customer says about one aspect.
type Voice struct {
	Type       Type
	Aspect     Aspect
	Sub        string // sub-aspect, site data; empty: none
	Kind       string // of an inquiry: question or request; empty otherwise
	Evidence   Span   // the characters that prove it
	Target     string // the word that the voice is about, base form; empty: left out
	Polarity   int    // −2 to +2
	Qualities  []string
	Prior      string // prior expectation; empty: not said
	PriorFrom  string // its source; empty: not said
	Fulfilment string // below, met, above, unknown; empty for an inquiry
	TouchPoint string
	Journey    string
	Response   bool    // of a complaint: the customer expects a response
	Rule       string  // id of the dictionary entry that found it
	Confidence float64 // 0 to 1
}

// Flag is a risk or a signal of a record, with its evidence.
type Flag struct {
	Name     string
	Evidence Span
	Rule     string
}

// Mention is a thing named in the words that is not personal data: a product
// number, lot, best-before date, JAN code, shop or product.
type Mention struct {
	Kind  string // product, model, lot, best_before, jan, shop
	Value string // normalised
	Span  Span
}

// Unclassified is a clause that evaluates, wishes or asks, but whose type or
// aspect could not be decided.
type Unclassified struct {
	Evidence Span
	Reason   string // which part failed: type, aspect, confidence
}
