package main

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/index/web"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/testdata"
)

func fresh(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Out = filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "out")
	cfg.Kafka.Group, cfg.Kafka.Topics = "g", []string{"calls=contact"}
	return cfg
}

// consume starts koe's pipeline on a topic; stop drains it.
func consume(t *testing.T, cfg config.Config) (e *engine, stop func()) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	src, dec, err := kafkaSource(cfg, log, source.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if e, err = openEngine(t.Context(), cfg, log); err != nil {
		t.Fatal(err)
	}
	r, err := e.runner(src, dec, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return e, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
		if err := e.close(); err != nil {
			t.Error(err)
		}
	}
}

func send(t *testing.T, cfg config.Config, records ...source.Record) {
	t.Helper()
	seq := func(yield func(source.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	if _, err := source.Produce(t.Context(), kafkaConfig(cfg.Kafka, slog.New(slog.DiscardHandler)), "calls", iter.Seq2[source.Record, error](seq)); err != nil {
		t.Fatal(err)
	}
}

// counts waits for a search to count n contacts.
func counts(t *testing.T, e *engine, q string, n int64) {
	t.Helper()
	p, err := query.Parse(q)
	if err != nil {
		t.Fatal(err)
	}
	for range 600 {
		r, err := e.index.Search(t.Context(), index.Request{Query: p})
		if err != nil {
			t.Fatal(err)
		}
		if r.Contacts == n {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%q never counts %d", q, n)
}

func TestATombstoneErases(t *testing.T) {
	broker, err := demo.StartBroker(1)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	cfg := fresh(t)
	cfg.Kafka.Brokers = broker.Addrs()
	call := func(id, text string) source.Record {
		return source.Record{Key: []byte("crm/" + id), Value: []byte(`{"id":"` + id + `","source":"crm","channel":"call","note":"` + text + `"}`)}
	}
	send(t, cfg, call("1", "鍋が届かない。"), call("2", "店員が親切だった。"))
	e, stop := consume(t, cfg)
	counts(t, e, "", 2)
	if err := e.keeper.pass(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	send(t, cfg, source.Record{Key: []byte("crm/1")})
	counts(t, e, "", 1)
	stop()

	// What it left in the tables goes at the next pass, at the latest with the
	// next koe; the index forgets that there was a delete.
	e, stop = consume(t, cfg)
	if err := e.keeper.pass(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if left, err := e.index.Tombstones(); err != nil || len(left) != 0 {
		t.Errorf("tombstones left: %v, %v", left, err)
	}
	tables, err := exports.Counts(t.Context(), cfg.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tables {
		if want := map[string]int64{"contacts": 1, "voices": 1}[c.Table]; c.Rows != want {
			t.Errorf("%s holds %d rows, want %d", c.Table, c.Rows, want)
		}
	}
	// What comes after a tombstone is a new contact.
	send(t, cfg, call("1", "鍋が割れていた。"))
	counts(t, e, "", 2)
	stop()
}

// held is what an index tells of itself.
type held struct {
	Records   []string
	Facets    map[string][]index.FacetItem
	Positions map[string]int64
}

func holds(t *testing.T, cfg config.Config) held {
	t.Helper()
	r, err := openReader(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	var h held
	for rec, err := range r.Records(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		h.Records = append(h.Records, string(text))
	}
	slices.Sort(h.Records)
	for _, q := range []string{"届かない OR 遅い", "voice:complaint/*", ""} {
		p, err := query.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		res, err := r.Search(t.Context(), index.Request{Query: p, Size: 20, Sort: index.Relevance, Facets: []string{"pair", "product", "risk", "day", "masked"}})
		if err != nil {
			t.Fatal(err)
		}
		if h.Facets == nil {
			h.Facets = map[string][]index.FacetItem{}
		}
		for name, items := range res.Facets {
			h.Facets[q+" by "+name] = items
		}
	}
	s, err := r.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.Positions = s.Positions
	return h
}

func TestRebuildGivesTheSameIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("labels the whole gold corpus; run without -short")
	}
	broker, err := demo.StartBroker(2)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	cfg := fresh(t)
	cfg.Kafka.Brokers = broker.Addrs()
	gold, err := testdata.Small()
	if err != nil {
		t.Fatal(err)
	}
	var records []source.Record
	for i := range gold {
		var id struct {
			ID     string `json:"id"`
			Source string `json:"source"`
		}
		if err := json.Unmarshal(gold[i].Contact, &id); err != nil {
			t.Fatal(err)
		}
		records = append(records, source.Record{Key: []byte(id.Source + "/" + id.ID), Value: gold[i].Contact})
	}
	// An update with no voices, an update without words, a delete, an older
	// version that comes late, the same message twice.
	more := func(text string) source.Record { return source.Record{Key: []byte("crm/1"), Value: []byte(text)} }
	records = append(records, records[0],
		more(`{"id":"1","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00Z","updated_at":"2026-10-03T10:00:00Z","note":"鍋が届かない。"}`),
		more(`{"id":"1","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00Z","updated_at":"2026-10-04T10:00:00Z","note":"了解。"}`),
		more(`{"id":"1","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00Z","updated_at":"2026-10-02T10:00:00Z","note":"店員が親切だった。"}`),
		more(`{"id":"2","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00Z","note":"鍋が届かない。"}`),
		more(`{"schema":"koe.delete/1","id":"2","source":"crm"}`),
	)
	send(t, cfg, records...)
	e, stop := consume(t, cfg)
	counts(t, e, "", int64(len(gold))+1)
	counts(t, e, "id:crm/2", 0)
	stop()
	before := holds(t, cfg)
	if len(before.Records) != len(gold)+1 || len(before.Positions) == 0 {
		t.Fatalf("%d contacts, %v", len(before.Records), before.Positions)
	}
	if code := run([]string{"--quiet", "rebuild", "--data", cfg.Data, "--out", cfg.Out}, nil, io.Discard, io.Discard); code != 0 {
		t.Fatalf("rebuild ends with %d", code)
	}
	if d := cmp.Diff(before, holds(t, cfg)); d != "" {
		t.Error(d)
	}
	// It reads on where the tables end: nothing comes twice, nothing is missing.
	e, stop = consume(t, cfg)
	send(t, cfg, more(`{"id":"3","source":"crm","channel":"call","note":"鍋が届かない。"}`))
	counts(t, e, "", int64(len(gold))+2)
	stop()
}

// tablesOf lists what the tables hold, row for row.
func tablesOf(t *testing.T, cfg config.Config) (rows []string) {
	t.Helper()
	for r, err := range exports.Records(t.Context(), cfg.Out) {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(text))
	}
	slices.Sort(rows)
	return rows
}

func TestABackupTakenWhileItRunsRestores(t *testing.T) {
	broker, err := demo.StartBroker(2)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	cfg := fresh(t)
	cfg.Kafka.Brokers, cfg.Exports.MaxRows = broker.Addrs(), 7
	call := func(n int) source.Record {
		id := strconv.Itoa(n)
		return source.Record{Key: []byte("crm/" + id), Value: []byte(`{"id":"` + id + `","source":"crm","channel":"call","occurred_at":"2026-10-01T10:00:00Z","note":"鍋が届かない。` + id + `番。"}`)}
	}
	const all = 120
	for n := range all / 2 {
		send(t, cfg, call(n))
	}
	e, stop := consume(t, cfg)
	counts(t, e, "", all/2)
	sent := make(chan struct{})
	go func() { // it goes on while the backup is taken
		defer close(sent)
		for n := all / 2; n < all; n++ {
			send(t, cfg, call(n))
		}
	}()
	copied := cfg
	to := filepath.Join(t.TempDir(), "backup")
	copied.Data, copied.Out, copied.Kafka.Group = filepath.Join(to, "data"), filepath.Join(to, "out"), "restored"
	c, err := web.Dial(t.Context(), cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	n, err := c.Backup(t.Context(), to)
	if err != nil || n.Files < 3 {
		t.Fatalf("%+v, %v", n, err)
	}
	if _, err := c.Backup(t.Context(), to); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second backup to the same folder: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	<-sent
	counts(t, e, "", all)
	stop()

	// The copy reads on from its own positions.
	e, stop = consume(t, copied)
	counts(t, e, "", all)
	stop()
	if d := cmp.Diff(tablesOf(t, cfg), tablesOf(t, copied)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(holds(t, cfg), holds(t, copied)); d != "" {
		t.Error(d)
	}
}
