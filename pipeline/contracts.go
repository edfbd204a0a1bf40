package pipeline

import (
	"context"

	"github.com/koe-voc/koe/pipeline/voc"
)

// ErrSuperseded is returned, wrapped, by a sink's Write or Flush when another
// process has published the same positions. What the sink held for them is
// dropped; the runner asks Resume again and reads on from there.
var ErrSuperseded = voc.ErrSuperseded

// Source hands out sessions, one after the other. It is used by one goroutine.
type Source interface {
	// Next waits for the next session. io.EOF: the source is at its end;
	// ctx's error: it was stopped. Broker losses are waited out, not returned.
	Next(ctx context.Context) (Session, error)
	// Close leaves the group and releases connections. It may be called once.
	Close() error
}

// Session is a stretch of time in which a fixed set of partitions is read: a
// generation of a consumer group, or a list of files. It is an alias so that a
// source can return it without importing this package.
type Session = interface {
	// Partitions lists what is assigned, possibly nothing, in order.
	Partitions() []voc.Partition
	// Read delivers messages, in order within each partition and one at a
	// time, starting at from; a partition without an entry starts at its
	// first message. It returns nil when the session has ended by itself
	// (rebalance, end of files), ctx's error when it was stopped, deliver's
	// error as it is, and any other error when a position cannot be read.
	// It may be called again after it returned deliver's error.
	Read(ctx context.Context, from map[voc.Partition]int64, deliver func(voc.Message) error) error
	// Commit tells the group, for others to see, the next offset to read per
	// partition. It is no more than that: sinks keep their own positions.
	Commit(ctx context.Context, next map[voc.Partition]int64) error
}

// Decoder reads one message. It returns several changes or none, or an error
// that wraps a *voc.DecodeError, which makes the message a dead letter. It is
// safe for concurrent use.
type Decoder interface {
	Decode(m voc.Message) ([]voc.Change, error)
	// Name tells how m is read, for a dead letter: the name of a format, never
	// text of the message.
	Name(m voc.Message) string
}

// Masker turns a contact into a record that holds no personal data. It is safe
// for concurrent use.
type Masker interface {
	// Mask reads c only. The record's Revision is left to the runner, and
	// OccurredAt is zero where the contact does not say it.
	Mask(c voc.Contact) (voc.Record, error)
	// RecordID is the identity that Mask gives to a contact of that source
	// and id.
	RecordID(source, id voc.Raw) string
}

// Stage adds to a record. It is safe for concurrent use with different
// records and keeps no reference to r.
type Stage interface {
	Apply(ctx context.Context, r *voc.Record) error
}

// Sink keeps items. Every method is called by one goroutine at a time, Durable
// excepted, which is safe at any time.
type Sink interface {
	// Name is a short word for logs and metrics: "index", "exports".
	Name() string
	// Resume tells, for the partitions now assigned, the next offset that the
	// sink wants; one that it never saw has no entry. Items held for other
	// partitions are dropped if they are not durable: their owner is another
	// process now. The sink first completes what a crash left half done.
	Resume(ctx context.Context, assigned []voc.Partition) (map[voc.Partition]int64, error)
	// Write takes items in order within each partition. It skips those below
	// its own position. A call without items is a tick: the sink looks at its
	// clocks and flushes what is old enough. The sink may keep the records
	// until they are durable; the caller does not change them any more. After
	// an error the same items may be written again.
	Write(ctx context.Context, items []voc.Item) error
	// Flush makes durable all that was written.
	Flush(ctx context.Context) error
	// Durable tells the next offset per partition below which everything is
	// safe against a crash of the machine.
	Durable() map[voc.Partition]int64
	// Close flushes and releases everything.
	Close() error
}
