package voc

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// Partition names an ordered log: a partition of a Kafka topic, or a file
// (topic "file-" and the SHA-256 of its bytes and its mapping, partition 0).
type Partition struct {
	Topic string `json:"topic"`
	ID    int    `json:"partition"`
}

// String returns "topic/3".
func (p Partition) String() string { return p.Topic + "/" + strconv.Itoa(p.ID) }

// Compare orders by topic, then by number.
func (p Partition) Compare(q Partition) int {
	return cmp.Or(cmp.Compare(p.Topic, q.Topic), cmp.Compare(p.ID, q.ID))
}

// Position is an entry of a Partition.
type Position struct {
	Partition Partition
	Offset    int64
}

// String returns "calls/3@17".
func (p Position) String() string {
	return p.Partition.String() + "@" + strconv.FormatInt(p.Offset, 10)
}

// Message is one entry of a Partition as it came in. Key and Value hold text
// that is not masked: a Message prints, logs and marshals as its position.
type Message struct {
	Partition Partition
	Offset    int64     // of the message in its partition; a file's row number from 0
	Time      time.Time // Kafka's time stamp; a file's modification time
	Key       []byte
	Value     []byte            // nil is a tombstone: Key names what to delete
	Headers   map[string]string // Kafka's headers, the last of equal names
	Replay    *Position         // where sinks count a message that is read again out of order; nil: at its own position
}

// String returns the position, such as "calls/3@17".
func (m Message) String() string { return Position{m.Partition, m.Offset}.String() }

// Format writes String for every verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(m.String())) }

// LogValue is String.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText is String.
func (m Message) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Change is what a message asks for: the upsert of Contact, or, if Delete is
// set, the removal of the contact with Contact's Source and ID (its other
// fields are then ignored, UpdatedAt excepted). A contact without words is
// nothing to keep unless Figures is set: it then holds the figures (queue,
// waiting, handling) of a contact whose words another source has.
type Change struct {
	Delete  bool
	Figures bool
	Contact Contact
}

// Reason says why a message became a dead letter. Reasons are a closed set so
// that they can be counted, and never hold text from the message.
type Reason string

// The reasons of a dead letter.
const (
	ReasonSyntax   Reason = "syntax"    // not JSON, not CSV, not UTF-8 where it has to be
	ReasonUnknown  Reason = "unknown"   // a field that the schema does not have
	ReasonMissing  Reason = "missing"   // a required field is absent or empty
	ReasonType     Reason = "type"      // a field has another JSON type
	ReasonValue    Reason = "value"     // a value outside the schema's range or list
	ReasonTooLarge Reason = "too_large" // a limit of the decoder was passed
	ReasonDecoder  Reason = "decoder"   // no decoder for this topic or header
	ReasonSchema   Reason = "schema"    // the schema of the message cannot be had or read
	ReasonStage    Reason = "stage"     // a stage refused the record or panicked
)

// DecodeError is the error of a decoder that leads to a dead letter. Field is
// a path of the schema such as "turns[3].speaker", never a name or value taken
// from the message.
type DecodeError struct {
	Reason Reason
	Field  string
}

// Error returns "value at turns[3].speaker".
func (e *DecodeError) Error() string {
	if e.Field == "" {
		return string(e.Reason)
	}
	return string(e.Reason) + " at " + e.Field
}

// DeadLetter records a message, or one change of it, that could not be read.
// It holds no payload and no text derived from it except a SHA-256.
type DeadLetter struct {
	Partition Partition `json:"position"`
	Offset    int64     `json:"offset"`
	Time      time.Time `json:"time"`
	Reason    Reason    `json:"reason"`
	Field     string    `json:"field,omitempty"`
	Decoder   string    `json:"decoder"`
	SHA256    string    `json:"sha256"` // hex, of the message's value
	Bytes     int       `json:"bytes"`  // length of the message's value
}

// Applied is one change of a message after masking and labelling. A nil Record
// is a delete.
type Applied struct {
	ID       string
	Revision Revision
	Record   *Record
	Erase    bool // of a delete: a tombstone, after which no file may hold what was before it
}

// Item is what one message came to. Every message yields an Item, also one
// that is dead or holds nothing, so that positions always advance.
type Item struct {
	Partition Partition
	Offset    int64
	Time      time.Time // of the message
	Changes   []Applied
	Dead      []DeadLetter
}

// Empty reports whether the item changes nothing and is not dead.
func (i *Item) Empty() bool { return len(i.Changes) == 0 && len(i.Dead) == 0 }
