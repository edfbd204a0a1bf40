package weekly

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Source yields the newest contacts of the days from since to until, both
// included (as 2026-10-05), each once. The index and its client are sources.
type Source interface {
	Records(ctx context.Context, since, until string) iter.Seq2[*voc.Record, error]
}

// Options say which week, and what may leave the house. Taxonomy and Location
// are required; zero values of the others take those of DefaultOptions.
type Options struct {
	Week     Week           // zero: the last full week
	Location *time.Location // zone of days, that of the tables
	Taxonomy *classify.Taxonomy
	// MinContacts folds topics and products of fewer contacts into rows その他
	// without quotes. With 1 the single contacts stay, at the end of the list.
	MinContacts int
	Quotes      int  // of a topic at most, each from another contact
	QuoteRunes  int  // code points of a quote at most
	Sensitive   bool // also quote contacts with an injury, a leak, or a person who needs care
	History     int  // weeks before the week that are searched for the first day of a topic
	Now         func() time.Time
}

// DefaultOptions returns what koe starts with, but for Taxonomy and Location.
func DefaultOptions() Options {
	return Options{
		MinContacts: 1,
		Quotes:      3,
		QuoteRunes:  80,
		// A quarter tells a new topic from a seasonal one and keeps the read short.
		History: 13,
		Now:     time.Now,
	}
}

// compared is the week itself, the week before, and three more: the mean is
// that of the four before.
const compared = 5

// Build counts the week. It reads each record once and keeps no text but that
// of quotes. It returns src's error as it is, with what was being done.
func Build(ctx context.Context, src Source, o Options) (*Report, error) {
	if o.Location == nil || o.Taxonomy == nil {
		return nil, errors.New("build weekly export: no time zone or no taxonomy")
	}
	d := DefaultOptions()
	o.MinContacts, o.Quotes, o.QuoteRunes = cmp.Or(o.MinContacts, d.MinContacts), cmp.Or(o.Quotes, d.Quotes), cmp.Or(o.QuoteRunes, d.QuoteRunes)
	o.History = max(cmp.Or(o.History, d.History), compared-1)
	if o.Now == nil {
		o.Now = d.Now
	}
	now := o.Now()
	if o.Week == (Week{}) {
		o.Week = LastFull(now, o.Location)
	}
	if o.MinContacts < 1 || o.Quotes < 0 || o.QuoteRunes < 10 {
		return nil, fmt.Errorf("build weekly export: want min contacts of 1 or more, quotes of 0 or more, quotes of 10 characters or more")
	}
	monday, sunday := o.Week.Monday(), o.Week.Sunday()
	t := newTally(o)
	since, until := monday.AddDate(0, 0, -7*o.History).Format(time.DateOnly), sunday.Format(time.DateOnly)
	for r, err := range src.Records(ctx, since, until) {
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("build weekly export of %s: %w", o.Week, err)
		}
		t.add(r)
	}
	rep := t.report()
	rep.Week, rep.From, rep.To, rep.Zone = o.Week, monday.Format(time.DateOnly), until, o.Location.String()
	rep.CreatedAt = now.UTC().Truncate(time.Second)
	y, m, day := sunday.Date()
	rep.Partial = now.Before(time.Date(y, m, day+1, 0, 0, 0, 0, o.Location))
	rep.Options = Applied{o.MinContacts, o.Quotes, o.Sensitive, o.History}
	rep.labels = newLabels(o.Taxonomy)
	for i := range rep.Topics {
		rep.Topics[i].Label = rep.labels.topic(&rep.Topics[i])
	}
	return rep, nil
}
