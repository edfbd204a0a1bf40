package exports

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/koe-voc/koe/pipeline/voc"
)

// SchemaVersion counts the additions to the tables' columns. Columns are only
// added, nullable, never renamed or retyped.
const SchemaVersion = "2"

// The tables.
const (
	Contacts    = "contacts"
	Voices      = "voices"
	DeadLetters = "dead_letters"
	Deletions   = "deletions"
)

// The tables that koe compact writes: the rows that stand, without a join.
const (
	LatestContacts = "latest_contacts"
	LatestVoices   = "latest_voices"
)

// Threads is the table of contacts that belong together, written anew as a
// whole by koe export threads.
const Threads = "threads"

// Tables lists the tables that grow with what comes in, in order.
func Tables() []string { return []string{Contacts, Voices, DeadLetters, Deletions} }

// allTables are those of Tables and those that are derived from them.
func allTables() []string { return append(Tables(), LatestContacts, LatestVoices, Threads, Aliases) }

type contactRow struct {
	ID           string            `parquet:"id"`
	Revision     string            `parquet:"revision"`
	RevisionAt   time.Time         `parquet:"revision_at,timestamp(microsecond:utc)"`
	Source       string            `parquet:"source,dict"`
	Channel      string            `parquet:"channel,dict"`
	Direction    *string           `parquet:"direction,optional,dict"`
	OccurredAt   time.Time         `parquet:"occurred_at,timestamp(microsecond:utc),delta"`
	EndedAt      *time.Time        `parquet:"ended_at,optional,timestamp(microsecond:utc)"`
	UpdatedAt    *time.Time        `parquet:"updated_at,optional,timestamp(microsecond:utc)"`
	Day          int32             `parquet:"day,date"`
	CustomerKey  *string           `parquet:"customer_key,optional"`
	ThreadID     *string           `parquet:"thread_id,optional"`
	Product      *string           `parquet:"product,optional,dict"`
	Lot          *string           `parquet:"lot,optional,dict"`
	Shop         *string           `parquet:"shop,optional,dict"`
	Queue        *string           `parquet:"queue,optional,dict"`
	AgentKey     *string           `parquet:"agent_key,optional,dict"`
	Categories   []string          `parquet:"categories,list" parquet-element:",dict"`
	Disposition  *string           `parquet:"disposition,optional,dict"`
	Attrs        map[string]string `parquet:"attrs" parquet-key:",dict" parquet-value:",dict"`
	NPS          *int32            `parquet:"nps,optional"`
	CSAT         *int32            `parquet:"csat,optional"`
	Wait         *int32            `parquet:"wait_seconds,optional"`
	Talk         *int32            `parquet:"talk_seconds,optional"`
	Hold         *int32            `parquet:"hold_seconds,optional"`
	AfterCall    *int32            `parquet:"after_call_seconds,optional"`
	Transfers    *int32            `parquet:"transfers,optional"`
	Text         string            `parquet:"text"`
	Segments     []segmentRow      `parquet:"segments,list"`
	Words        []string          `parquet:"words,list" parquet-element:",dict"`
	Masked       map[string]int32  `parquet:"masked" parquet-key:",dict"`
	VoiceCount   int32             `parquet:"voice_count"`
	Risks        []flagRow         `parquet:"risks,list"`
	Signals      []flagRow         `parquet:"signals,list"`
	Mentions     []mentionRow      `parquet:"mentions,list"`
	Unclassified []unclassifiedRow `parquet:"unclassified,list"`
	Definition   string            `parquet:"definition_version,dict"`
	Topic        string            `parquet:"kafka_topic,dict"`
	Partition    int32             `parquet:"kafka_partition"`
	Offset       int64             `parquet:"kafka_offset,delta"`
	Sequence     int32             `parquet:"definition_sequence"`
}

// Offsets are code points of text, [start_char, end_char). The plain words end
// and at would need quotes in DuckDB, Trino and Spark's ANSI mode.
type segmentRow struct {
	Role  string     `parquet:"role,dict"`
	Start int32      `parquet:"start_char"`
	End   int32      `parquet:"end_char"`
	At    *time.Time `parquet:"said_at,optional,timestamp(microsecond:utc)"`
}

type flagRow struct {
	Flag     string `parquet:"flag,dict"`
	Evidence string `parquet:"evidence"`
	Start    int32  `parquet:"start_char"`
	End      int32  `parquet:"end_char"`
	Rule     string `parquet:"rule,dict"`
}

type mentionRow struct {
	Kind  string `parquet:"kind,dict"`
	Value string `parquet:"value"`
	Start int32  `parquet:"start_char"`
	End   int32  `parquet:"end_char"`
}

type unclassifiedRow struct {
	Evidence string `parquet:"evidence"`
	Start    int32  `parquet:"start_char"`
	End      int32  `parquet:"end_char"`
	Reason   string `parquet:"reason,dict"`
}

type voiceRow struct {
	RecordID   string    `parquet:"record_id"`
	Revision   string    `parquet:"revision"`
	Ordinal    int32     `parquet:"ordinal"` // of the voice in its contact, from 0
	Type       string    `parquet:"type,dict"`
	Aspect     string    `parquet:"aspect,dict"`
	Sub        *string   `parquet:"sub,optional,dict"`
	Kind       *string   `parquet:"kind,optional,dict"`
	Evidence   string    `parquet:"evidence"`
	Start      int32     `parquet:"start_char"`
	End        int32     `parquet:"end_char"`
	Target     *string   `parquet:"target,optional,dict"`
	Polarity   int32     `parquet:"polarity"`
	Qualities  []string  `parquet:"qualities,list" parquet-element:",dict"`
	Prior      *string   `parquet:"prior,optional,dict"`
	PriorFrom  *string   `parquet:"prior_source,optional,dict"`
	Fulfilment *string   `parquet:"fulfilment,optional,dict"`
	TouchPoint *string   `parquet:"touchpoint,optional,dict"`
	Journey    *string   `parquet:"journey,optional,dict"`
	Response   bool      `parquet:"response_expected"`
	Rule       string    `parquet:"rule,dict"`
	Confidence float64   `parquet:"confidence"`
	Definition string    `parquet:"definition_version,dict"`
	Channel    string    `parquet:"channel,dict"`
	Product    *string   `parquet:"product,optional,dict"`
	Shop       *string   `parquet:"shop,optional,dict"`
	OccurredAt time.Time `parquet:"occurred_at,timestamp(microsecond:utc),delta"`
	Day        int32     `parquet:"day,date"`
}

type deadRow struct {
	Topic     string    `parquet:"kafka_topic,dict"`
	Partition int32     `parquet:"kafka_partition"`
	Offset    int64     `parquet:"kafka_offset,delta"`
	Time      time.Time `parquet:"time,timestamp(microsecond:utc)"`
	Day       int32     `parquet:"day,date"`
	Reason    string    `parquet:"reason,dict"`
	Field     *string   `parquet:"field,optional,dict"`
	Decoder   string    `parquet:"decoder,dict"`
	SHA256    string    `parquet:"sha256"`
	Bytes     int64     `parquet:"bytes"`
}

type deletionRow struct {
	RecordID   string    `parquet:"record_id"`
	Revision   string    `parquet:"revision"`
	RevisionAt time.Time `parquet:"revision_at,timestamp(microsecond:utc)"`
	Day        int32     `parquet:"day,date"`
	Topic      string    `parquet:"kafka_topic,dict"`
	Partition  int32     `parquet:"kafka_partition"`
	Offset     int64     `parquet:"kafka_offset,delta"`
	Erase      *bool     `parquet:"erase,optional"` // a tombstone; null: a delete
}

// Thread is a row of the table threads.
type Thread struct {
	ID          string    `parquet:"thread_id"` // record id of its first contact
	AsOf        time.Time `parquet:"as_of,timestamp(microsecond:utc)"`
	CustomerKey *string   `parquet:"customer_key,optional"`
	RecordIDs   []string  `parquet:"record_ids,list"` // in the order of time
	Channels    []string  `parquet:"channels,list" parquet-element:",dict"`
	FirstAt     time.Time `parquet:"first_at,timestamp(microsecond:utc)"`
	LastAt      time.Time `parquet:"last_at,timestamp(microsecond:utc)"`
	Day         int32     `parquet:"day,date"` // of the first contact
	Contacts    int32     `parquet:"contacts"`
	Inbound     int32     `parquet:"inbound"`
	Outbound    int32     `parquet:"outbound"`
	Products    []string  `parquet:"products,list" parquet-element:",dict"`
	Matters     []string  `parquet:"matters,list" parquet-element:",dict"` // type/aspect that was told again
	Repeats     int32     `parquet:"repeats"`                              // contacts that tell a matter again
	Changes     int32     `parquet:"channel_changes"`
	Callbacks   int32     `parquet:"callbacks"`
	WindowDays  int32     `parquet:"window_days"` // how long after a contact the customer's next one belongs to it
}

// text is null for an empty string. Readers refuse a whole file for one string
// that is not UTF-8.
func text(s string) *string {
	if s == "" {
		return nil
	}
	s = valid(s)
	return &s
}

// mark is null for false.
func mark(b bool) *bool {
	if !b {
		return nil
	}
	return &b
}

func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func validAll(in []string) []string {
	for i, s := range in {
		if !utf8.ValidString(s) {
			in = slices.Clone(in)
			for j := i; j < len(in); j++ {
				in[j] = valid(in[j])
			}
			break
		}
	}
	return in
}

func number(n *int) *int32 {
	if n == nil {
		return nil
	}
	v := int32(*n) //nolint:gosec // the decoder bounds them
	return &v
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// epochDay is the day of t in loc, counted from 1970-01-01.
func epochDay(t time.Time, loc *time.Location) int32 {
	y, m, d := t.In(loc).Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400) //nolint:gosec // years are bounded
}

// rows converts a record; offsets become code points.
func rows(r *voc.Record, loc *time.Location) (contactRow, []voiceRow) {
	at := voc.NewRunes(r.Text)
	pos := func(s voc.Span) (int32, int32) { return int32(at.Of(s.From)), int32(at.Of(s.To)) } //nolint:gosec // texts are bounded
	c := contactRow{
		ID: r.ID, Revision: r.Revision.String(), RevisionAt: r.Revision.At, Source: r.Source, Channel: string(r.Channel), Direction: text(string(r.Direction)),
		OccurredAt: r.OccurredAt.UTC(), EndedAt: moment(r.EndedAt), UpdatedAt: moment(r.UpdatedAt), Day: epochDay(r.OccurredAt, loc),
		CustomerKey: text(r.CustomerKey), ThreadID: text(r.ThreadID), Product: text(r.Product), Lot: text(r.Lot), Shop: text(r.Shop), Queue: text(r.Queue),
		AgentKey: text(r.AgentKey), Categories: validAll(r.Categories), Disposition: text(r.Disposition), NPS: number(r.NPS), CSAT: number(r.CSAT),
		Wait: number(r.Handling.Wait), Talk: number(r.Handling.Talk), Hold: number(r.Handling.Hold), AfterCall: number(r.Handling.AfterCall), Transfers: number(r.Handling.Transfers),
		Text: r.Text, VoiceCount: int32(len(r.Voices)), Definition: r.Definition, //nolint:gosec // few
		Topic: r.Revision.Topic, Partition: int32(r.Revision.Partition), Offset: r.Revision.Offset, Sequence: int32(r.Revision.Definition), //nolint:gosec // Kafka's own type; few
	}
	for _, a := range r.Attrs {
		if c.Attrs == nil {
			c.Attrs = make(map[string]string, len(r.Attrs))
		}
		c.Attrs[valid(a.Name)] = valid(a.Value)
	}
	for k, n := range r.Masked {
		if c.Masked == nil {
			c.Masked = make(map[string]int32, len(r.Masked))
		}
		c.Masked[k] = int32(n) //nolint:gosec // spans of a bounded text
	}
	for _, s := range r.Segments {
		a, b := pos(s.Span)
		c.Segments = append(c.Segments, segmentRow{string(s.Role), a, b, moment(s.At)})
	}
	for i := range r.Tokens {
		if t := &r.Tokens[i]; t.POS.IsContent() {
			c.Words = append(c.Words, valid(t.Base))
		}
	}
	flags := func(in []voc.Flag) (out []flagRow) {
		for _, f := range in {
			a, b := pos(f.Evidence)
			out = append(out, flagRow{f.Name, r.Slice(f.Evidence), a, b, f.Rule})
		}
		return out
	}
	c.Risks, c.Signals = flags(r.Risks), flags(r.Signals)
	for _, m := range r.Mentions {
		a, b := pos(m.Span)
		c.Mentions = append(c.Mentions, mentionRow{m.Kind, valid(m.Value), a, b})
	}
	for _, u := range r.Unclassified {
		a, b := pos(u.Evidence)
		c.Unclassified = append(c.Unclassified, unclassifiedRow{r.Slice(u.Evidence), a, b, u.Reason})
	}
	return c, voiceRows(r, &c, pos)
}

// voiceRows repeats what a reader of voices asks of the contact.
func voiceRows(r *voc.Record, c *contactRow, pos func(voc.Span) (int32, int32)) []voiceRow {
	voices := make([]voiceRow, len(r.Voices))
	for i := range r.Voices {
		v := &r.Voices[i]
		a, b := pos(v.Evidence)
		voices[i] = voiceRow{
			RecordID: c.ID, Revision: c.Revision, Ordinal: int32(i), Type: string(v.Type), Aspect: string(v.Aspect), Sub: text(v.Sub), Kind: text(v.Kind), //nolint:gosec // few
			Evidence: r.Slice(v.Evidence), Start: a, End: b, Target: text(v.Target), Polarity: int32(v.Polarity), Qualities: v.Qualities, //nolint:gosec // −2 to 2
			Prior: text(v.Prior), PriorFrom: text(v.PriorFrom), Fulfilment: text(v.Fulfilment), TouchPoint: text(v.TouchPoint), Journey: text(v.Journey),
			Response: v.Response, Rule: v.Rule, Confidence: v.Confidence, Definition: r.Definition,
			Channel: c.Channel, Product: c.Product, Shop: c.Shop, OccurredAt: c.OccurredAt, Day: c.Day,
		}
	}
	return voices
}
