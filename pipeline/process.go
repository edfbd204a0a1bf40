package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Try tells what a message would come to. Nothing is counted or handed to a
// sink, and a message that is dead says so in its item.
func (r *Runner) Try(ctx context.Context, m voc.Message) voc.Item {
	trial := &Runner{cfg: r.cfg, parts: r.parts, log: r.log}
	trial.stats.init(r.parts.Stages)
	return trial.process(ctx, m)
}

// process makes an item out of a message. It does not fail: what cannot be
// read or labelled becomes a dead letter.
func (r *Runner) process(ctx context.Context, m voc.Message) voc.Item {
	item := voc.Item{Partition: m.Partition, Offset: m.Offset, Time: m.Time}
	if m.Replay != nil {
		item.Partition, item.Offset = m.Replay.Partition, m.Replay.Offset
	}
	r.stats.messages.Add(1)
	r.stats.bytes.Add(int64(len(m.Value)))
	start := time.Now()
	changes, err := r.decode(m)
	start = r.stats.stage(0, start)
	if err != nil {
		r.dead(&item, m, err)
		return item
	}
	r.stats.decoded.Add(1)
	for _, c := range changes {
		if err := r.apply(ctx, &item, m, c, start); err != nil {
			r.dead(&item, m, err)
		}
		start = time.Now()
	}
	if len(item.Changes) == 0 && len(item.Dead) == 0 {
		r.stats.empty.Add(1)
	}
	return item
}

// decode guards against a panic in a decoder: its input comes from outside.
func (r *Runner) decode(m voc.Message) (c []voc.Change, err error) {
	defer r.catch(&err)
	return r.parts.Decoder.Decode(m)
}

// catch turns a panic into a dead letter. The panic's value is not logged: it
// may quote the text.
func (r *Runner) catch(err *error) {
	if p := recover(); p != nil {
		r.log.Error("a stage panicked on a message", slog.String("type", fmt.Sprintf("%T", p)))
		*err = &voc.DecodeError{Reason: voc.ReasonStage}
	}
}

func (r *Runner) apply(ctx context.Context, item *voc.Item, m voc.Message, c voc.Change, start time.Time) (err error) {
	defer r.catch(&err)
	rev := revision(m, c.Contact)
	if c.Delete || c.Contact.Empty() && !c.Figures {
		// A contact without words is nothing to search or count, but an update
		// that takes the words away takes the earlier version away too.
		if c.Delete || !c.Contact.UpdatedAt.IsZero() {
			id := r.parts.Masker.RecordID(c.Contact.Source, c.Contact.ID)
			add(item, voc.Applied{ID: id, Revision: rev, Erase: m.Value == nil})
			r.stats.deleted.Add(1)
		}
		return nil
	}
	rec, err := r.parts.Masker.Mask(c.Contact)
	if err != nil {
		return err
	}
	start = r.stats.stage(1, start)
	rec.Revision = rev
	if rec.OccurredAt.IsZero() {
		rec.OccurredAt = m.Time.UTC()
	}
	for i, s := range r.parts.Stages {
		if err := s.Stage.Apply(ctx, &rec); err != nil {
			return err
		}
		start = r.stats.stage(2+i, start)
	}
	add(item, voc.Applied{ID: rec.ID, Revision: rev, Record: &rec})
	r.stats.contact(&rec)
	return nil
}

// add keeps the last of several changes of one message to the same contact:
// they share a revision, so sinks could not order them.
func add(item *voc.Item, a voc.Applied) {
	item.Changes = slices.DeleteFunc(item.Changes, func(b voc.Applied) bool { return b.ID == a.ID })
	item.Changes = append(item.Changes, a)
}

func revision(m voc.Message, c voc.Contact) voc.Revision {
	at := c.UpdatedAt
	if at.IsZero() {
		at = c.OccurredAt
	}
	if at.IsZero() {
		at = m.Time
	}
	return voc.Revision{At: at.UTC().Truncate(time.Microsecond), Topic: m.Partition.Topic, Partition: m.Partition.ID, Offset: m.Offset}
}

func (r *Runner) dead(item *voc.Item, m voc.Message, err error) {
	d := voc.DeadLetter{
		Partition: m.Partition, Offset: m.Offset, Time: m.Time, Reason: voc.ReasonStage,
		Decoder: r.parts.Decoder.Name(m), Bytes: len(m.Value),
	}
	if de, ok := errors.AsType[*voc.DecodeError](err); ok {
		d.Reason, d.Field = de.Reason, de.Field
	}
	sum := sha256.Sum256(m.Value)
	d.SHA256 = hex.EncodeToString(sum[:])
	item.Dead = append(item.Dead, d)
	r.stats.dead(d.Reason)
}
