package index

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// Row is a contact as the columns have it: what may be counted, no words.
type Row struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"` // occurred_at in whole seconds, UTC
	Channel   string    `json:"channel,omitempty"`
	Direction string    `json:"direction,omitempty"`
	Customer  string    `json:"customer,omitempty"` // keyed hash
	Thread    string    `json:"thread,omitempty"`
	Product   string    `json:"product,omitempty"`
	Pairs     []string  `json:"pairs,omitempty"` // "complaint/delivery", in order
}

// Rows yields every contact out of the columns, in no order. It loads no
// record.
func (x *Index) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		snap, err := x.snapshot()
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer snap.release()
		columns, err := x.columnsOf(snap)
		if err != nil {
			yield(Row{}, err)
			return
		}
		for seg := range snap.segs {
			rows, err := x.rowsOf(snap, columns[seg], seg)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			for i := range rows {
				if !yield(rows[i], nil) {
					return
				}
			}
		}
	}
}

func (x *Index) rowsOf(snap *snapshot, c *segmentColumns, seg int) ([]Row, error) {
	live := snap.live(seg, c)
	rows := make([]Row, 0, live.GetCardinality())
	one := func(field string, doc uint32) string {
		col := c.fields[field]
		if v := col.one[doc]; v > 0 {
			return col.terms[v-1]
		}
		return ""
	}
	pairs := c.fields[fieldPair]
	err := eachTerm(snap.segs[seg].Segment(), "_id", func(docs *roaring.Bitmap, id string) {
		docs.And(live)
		if docs.IsEmpty() {
			return
		}
		doc := docs.Minimum()
		r := Row{
			ID: id, At: x.instant(c, doc), Channel: one("channel", doc), Direction: one("direction", doc), Customer: one("customer", doc),
			Thread: one("thread", doc), Product: one("product", doc),
		}
		pairs.values(doc, func(v uint32) { r.Pairs = append(r.Pairs, pairs.terms[v-1]) })
		rows = append(rows, r)
	})
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	return rows, nil
}

// instant is the time of a contact: the column counts the seconds of the zone's
// clock.
func (x *Index) instant(c *segmentColumns, doc uint32) time.Time {
	at := time.Unix(c.at[doc], 0).UTC()
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, x.opt.Location).UTC()
}
