package voc

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Revision orders the versions of one contact: by the time of the version,
// then by position, then by the sequence of the definition that labelled it.
type Revision struct {
	At         time.Time // updated_at, else occurred_at, else the message's time; UTC, microseconds
	Topic      string
	Partition  int
	Offset     int64
	Definition int // 0 for the first labelling, counted up by relabelling
}

// Compare returns −1, 0 or 1.
func (r Revision) Compare(o Revision) int {
	return cmp.Or(r.At.Compare(o.At), cmp.Compare(r.Topic, o.Topic), cmp.Compare(r.Partition, o.Partition),
		cmp.Compare(r.Offset, o.Offset), cmp.Compare(r.Definition, o.Definition))
}

const revisionTime = "2006-01-02T15:04:05.000000Z"

// String returns the form that is stored: time, topic, partition, offset and
// definition, parted by "/". ParseRevision reads it back.
func (r Revision) String() string {
	return r.At.UTC().Format(revisionTime) + "/" + r.Topic + "/" + strconv.Itoa(r.Partition) + "/" +
		strconv.FormatInt(r.Offset, 10) + "/" + strconv.Itoa(r.Definition)
}

// ParseRevision reads what String wrote.
func ParseRevision(s string) (Revision, error) {
	f := strings.Split(s, "/")
	if len(f) != 5 {
		return Revision{}, fmt.Errorf("parse revision: %d parts, want 5", len(f))
	}
	at, err := time.Parse(revisionTime, f[0])
	if err != nil {
		return Revision{}, fmt.Errorf("parse revision time: %w", err)
	}
	part, err1 := strconv.Atoi(f[2])
	offset, err2 := strconv.ParseInt(f[3], 10, 64)
	def, err3 := strconv.Atoi(f[4])
	if err := cmp.Or(err1, err2, err3); err != nil {
		return Revision{}, fmt.Errorf("parse revision numbers: %w", err)
	}
	return Revision{At: at, Topic: f[1], Partition: part, Offset: offset, Definition: def}, nil
}

// Role is the standing of a segment of a record's text.
type Role string

// The roles. CustomerTurn, NoteText, PartAnswer and FreeText can hold voices;
// in NoteText the operator's own actions are no voices. The others are context.
const (
	CustomerTurn Role = "customer"
	AgentTurn    Role = "agent"
	BotTurn      Role = "bot"
	SystemTurn   Role = "system"
	NoteText     Role = "note"
	AnswerText   Role = "answer"
	PartQuestion Role = "question"
	PartAnswer   Role = "part"
	FreeText     Role = "text"
)

// Voiced reports whether a segment of this role may hold voices.
func (r Role) Voiced() bool {
	switch r {
	case CustomerTurn, NoteText, PartAnswer, FreeText:
		return true
	default:
		return false
	}
}

// Segment is a stretch of a record's text with one role. Segments are in
// order, do not overlap and are parted by one "\n". A PartQuestion is
// followed by its PartAnswer.
type Segment struct {
	Role Role
	Span Span
	At   time.Time // of a turn; zero: not given
}

// Attr is a declared attribute, masked.
type Attr struct{ Name, Value string }

// Record is a contact after masking: the only form that stages and sinks see.
// It holds no Raw. The first block of fields is set by the masker; the rest by
// the stages named beside them. A Record is not safe for concurrent use.
type Record struct {
	ID         string // source/id, escaped, see package mask
	Source     string
	Revision   Revision
	Channel    Channel
	Direction  Direction
	OccurredAt time.Time // never zero, UTC
	EndedAt    time.Time
	UpdatedAt  time.Time

	CustomerKey string // keyed hash
	// CustomerBefore are the hashes of the same key by older secrets. They decide
	// what was erased, and are kept nowhere.
	CustomerBefore []string
	ThreadID       string
	Product        string
	Lot            string
	Shop           string
	Queue          string
	AgentKey       string // keyed hash
	Categories     []string
	Disposition    string
	Attrs          []Attr

	NPS, CSAT *int
	Handling  Handling

	Text     string // masked, not normalised; valid UTF-8 without control characters but "\n" and "\t"
	Segments []Segment
	Masked   map[string]int // number of masked spans by kind

	// Set by morph. Not stored: tokens are a pure function of Text and the definition.
	Sentences []Sentence
	Tokens    []Token
	// Set by chunk. Not stored.
	Bunsetsu []Bunsetsu
	Clauses  []Clause

	// Set by classify.
	Voices       []Voice
	Risks        []Flag
	Signals      []Flag
	Mentions     []Mention
	Unclassified []Unclassified
	Definition   string // definition version that labelled it
}

// Slice returns the text of s. It panics if s does not lie in the text.
func (r *Record) Slice(s Span) string { return r.Text[s.From:s.To] }

// Day returns the day of OccurredAt in loc, at midnight UTC.
func (r *Record) Day(loc *time.Location) time.Time {
	y, m, d := r.OccurredAt.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// LogValue gives identity and size, never words.
func (r *Record) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", r.ID), slog.String("channel", string(r.Channel)),
		slog.Int("runes", utf8.RuneCountInString(r.Text)))
}
