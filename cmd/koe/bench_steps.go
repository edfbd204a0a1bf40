package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/koe-voc/koe/cmd/koe/bench"
	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// benchmark is what the steps of koe bench work on.
type benchmark struct {
	dir   string
	cfg   config.Config
	lab   *labeller
	keys  mask.Keys
	dec   *decode.Decoder
	docs  []bench.Document
	lines [][]byte // the contacts as JSON
	bytes int64    // of their words
	file  string   // all lines

	contacts []voc.Contact
	recs     []voc.Record // masked, and what the stages before have made of them
	round    int

	broker *childBroker

	indexBytes, tableBytes int64 // after step load
}

func newBenchmark(ctx context.Context, f benchFlags, dir string) (*benchmark, error) {
	b := &benchmark{dir: dir, cfg: config.Default(), file: filepath.Join(dir, "contacts.jsonl")}
	b.cfg.Exports.MaxAge = farAway
	var err error
	if b.keys, err = keepKeys(b.at("keys")); err != nil {
		return nil, err
	}
	if b.lab, err = newLabeller(b.cfg, b.keys); err != nil {
		return nil, err
	}
	if b.dec, err = decode.New(decode.Options{Default: decode.Contact}); err != nil {
		return nil, err
	}
	if b.docs, err = bench.Documents(f.contacts, f.seed); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := encodeLines(&buf, b.docs); err != nil {
		return nil, err
	}
	if err := os.WriteFile(b.file, buf.Bytes(), 0o600); err != nil {
		return nil, fmt.Errorf("write contacts: %w", err)
	}
	b.lines = bytes.SplitAfter(buf.Bytes(), []byte("\n"))[:len(b.docs)]
	for i := range b.docs {
		b.bytes += int64(len(b.docs[i].Words()))
	}
	b.contacts = make([]voc.Contact, len(b.docs))
	b.recs = make([]voc.Record, len(b.docs))
	return b, errors.Join(b.decode(ctx), b.mask(ctx))
}

// at is the configuration with folders of that name.
func (b *benchmark) at(name string) config.Config {
	cfg := b.cfg
	cfg.Data, cfg.Out = filepath.Join(b.dir, name, "data"), filepath.Join(b.dir, name, "out")
	return cfg
}

// fresh is a new folder for a round of a step; the last round's goes.
func (b *benchmark) fresh(name string) (config.Config, error) {
	if err := os.RemoveAll(filepath.Join(b.dir, name)); err != nil {
		return config.Config{}, err
	}
	cfg := b.at(name)
	return cfg, errors.Join(os.MkdirAll(cfg.Data, 0o700), os.MkdirAll(cfg.Out, 0o700))
}

func (b *benchmark) close() error {
	if b.broker != nil {
		return b.broker.close()
	}
	return nil
}

// choose lists the steps in their order; each works on what those before left.
func (b *benchmark) choose(names []string) ([]bench.Step, error) {
	all := []bench.Step{
		{Name: "kagome", Run: bench.Kagome(b.docs)},
		{Name: "decode", Run: b.decode},
		{Name: "mask", Run: b.mask},
	}
	for _, s := range b.lab.stages {
		switch s.Name {
		case "morph":
			s.Name = "words"
		case "stamp":
			continue
		}
		all = append(all, bench.Step{Name: s.Name, Run: b.stage(s.Stage)})
	}
	all = append(all,
		bench.Step{Name: "find", Run: b.find},
		bench.Step{Name: "index", Before: b.label, Run: b.index},
		bench.Step{Name: "exports", Before: b.label, Run: b.exports},
		bench.Step{Name: "load", Run: b.load},
		bench.Step{Name: "run", Before: b.startBroker, Run: b.run},
	)
	if len(names) == 0 {
		return all, nil
	}
	known := map[string]bool{}
	for _, s := range all {
		known[s.Name] = true
	}
	for _, n := range names {
		if !known[n] {
			return nil, usage("no step %q; koe help bench lists them", n)
		}
	}
	return slices.DeleteFunc(all, func(s bench.Step) bool { return s.Name != "kagome" && !slices.Contains(names, s.Name) }), nil
}

func (b *benchmark) decode(context.Context) error {
	for i, line := range b.lines {
		changes, err := b.dec.Decode(voc.Message{Value: line})
		if err != nil {
			return err
		}
		b.contacts[i] = changes[0].Contact
	}
	return nil
}

func (b *benchmark) mask(context.Context) (err error) {
	for i := range b.contacts {
		if b.recs[i], err = b.lab.masker.Mask(b.contacts[i]); err != nil {
			return err
		}
		b.recs[i].Revision = voc.Revision{At: b.docs[i].OccurredAt, Topic: "bench", Offset: int64(i)}
	}
	return nil
}

func (b *benchmark) stage(s pipeline.Stage) func(context.Context) error {
	return func(ctx context.Context) error {
		for i := range b.recs {
			if err := s.Apply(ctx, &b.recs[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// label makes the records ready for the sinks.
func (b *benchmark) label(ctx context.Context) error {
	if b.recs[0].Definition != "" {
		return nil
	}
	for _, s := range b.lab.stages {
		if err := b.stage(s.Stage)(ctx); err != nil {
			return err
		}
	}
	return nil
}

// items are the records as the runner hands them to the sinks.
func (b *benchmark) items() []voc.Item {
	out := make([]voc.Item, len(b.recs))
	for i := range b.recs {
		r := &b.recs[i]
		out[i] = voc.Item{Partition: voc.Partition{Topic: "bench"}, Offset: int64(i), Time: b.docs[i].OccurredAt, Changes: []voc.Applied{{ID: r.ID, Revision: r.Revision, Record: r}}}
	}
	return out
}

// benchBatch is how many items the runner hands over at once.
var benchBatch = pipeline.DefaultConfig().Batch

// index writes ready records into a new index.
func (b *benchmark) index(ctx context.Context) error {
	return b.indexed(ctx, "index", slices.Chunk(b.items(), benchBatch))
}

// find tokenises the words as they stand and indexes them with their fields: what
// a search engine does.
func (b *benchmark) find(ctx context.Context) error {
	return b.indexed(ctx, "find", func(yield func([]voc.Item) bool) {
		for i := 0; i < len(b.docs); i += benchBatch {
			batch := make([]voc.Item, 0, benchBatch)
			for j := range b.docs[i:min(len(b.docs), i+benchBatch)] {
				r := b.plain(i + j)
				if err := b.lab.words.Apply(ctx, r); err != nil {
					return
				}
				batch = append(batch, voc.Item{Partition: voc.Partition{Topic: "bench"}, Offset: int64(i + j), Changes: []voc.Applied{{ID: r.ID, Revision: r.Revision, Record: r}}})
			}
			if !yield(batch) {
				return
			}
		}
	})
}

// plain is a record of a document without masking.
func (b *benchmark) plain(i int) *voc.Record {
	d := &b.docs[i]
	return &voc.Record{
		ID: d.ID, Source: d.Source, Channel: voc.Channel(d.Channel), Product: d.Product, Queue: d.Queue, OccurredAt: d.OccurredAt,
		Revision: voc.Revision{At: d.OccurredAt, Topic: "bench", Offset: int64(i)},
		Text:     d.Words(), Segments: []voc.Segment{{Role: voc.NoteText, Span: voc.Span{To: len(d.Words())}}},
	}
}

// indexed writes batches into a new index, live: they are found as they come.
func (b *benchmark) indexed(ctx context.Context, name string, batches iter.Seq[[]voc.Item]) (err error) {
	cfg, err := b.fresh(name)
	if err != nil {
		return err
	}
	x, err := index.Open(index.Options{Dir: cfg.Data, Location: time.UTC, Words: b.lab.words, Dict: b.lab.dict})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	n := 0
	for batch := range batches {
		if err := x.Write(ctx, batch); err != nil {
			return err
		}
		n += len(batch)
	}
	if n != len(b.docs) {
		return fmt.Errorf("%d of %d contacts were indexed", n, len(b.docs))
	}
	return x.Flush(ctx)
}

func (b *benchmark) exports(ctx context.Context) (err error) {
	cfg, err := b.fresh("exports")
	if err != nil {
		return err
	}
	s, err := exports.Open(ctx, exports.Options{FS: exports.Dir(cfg.Out), Location: time.UTC, MaxRows: cfg.Exports.MaxRows, MaxAge: farAway})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := s.Resume(ctx, []voc.Partition{{Topic: "bench"}}); err != nil {
		return err
	}
	for part := range slices.Chunk(b.items(), benchBatch) {
		if err := s.Write(ctx, part); err != nil {
			return err
		}
	}
	return s.Flush(ctx)
}

// load is koe load of the file.
func (b *benchmark) load(ctx context.Context) error {
	cfg, err := b.fresh("load")
	if err != nil {
		return err
	}
	src, err := source.NewFiles([]string{b.file}, nil, source.FileOptions{})
	if err != nil {
		return err
	}
	err = b.pipe(ctx, cfg, src, func(ctx context.Context, r *pipeline.Runner) error { return r.Run(ctx) })
	if err != nil {
		return err
	}
	if b.indexBytes, err = sizeOf(filepath.Join(cfg.Data, "index")); err != nil {
		return err
	}
	b.tableBytes, err = sizeOf(cfg.Out)
	return err
}

// pipe runs the pipeline of koe load and koe run from a source to both sinks.
func (b *benchmark) pipe(ctx context.Context, cfg config.Config, src pipeline.Source, until func(context.Context, *pipeline.Runner) error) error {
	cfg.Run.Drain = farAway
	e, err := openEngineBy(ctx, cfg, slog.New(slog.DiscardHandler), func(mask.Keys) (*labeller, error) { return b.lab, nil })
	if err != nil {
		return err
	}
	r, err := e.runner(src, b.dec, 0)
	if err == nil {
		err = until(ctx, r)
	}
	if err = errors.Join(err, e.close()); err == nil {
		err = ctx.Err()
	}
	if s := r.Stats(); err == nil && s.Contacts != int64(len(b.docs)) {
		err = fmt.Errorf("%d of %d contacts went through", s.Contacts, len(b.docs))
	}
	return err
}

// startBroker starts the broker, once, and gives it the contacts.
func (b *benchmark) startBroker(ctx context.Context) (err error) {
	b.round++
	if b.broker != nil {
		return nil
	}
	if b.broker, err = startChildBroker(ctx); err != nil {
		return err
	}
	k := source.DefaultConfig()
	k.Brokers, k.Logger = b.broker.addrs, slog.New(slog.DiscardHandler)
	_, err = source.Produce(ctx, k, demo.Calls, func(yield func(source.Record, error) bool) {
		for _, line := range b.lines {
			if !yield(source.Record{Key: decode.Key(line), Value: line}, nil) {
				return
			}
		}
	})
	return err
}

// run is koe run, by a consumer group of its own each round.
func (b *benchmark) run(ctx context.Context) error {
	cfg, err := b.fresh("run")
	if err != nil {
		return err
	}
	cfg.Kafka.Brokers, cfg.Kafka.Topics, cfg.Kafka.Group = b.broker.addrs, []string{demo.Calls}, fmt.Sprint("bench-", b.round)
	src, err := source.NewKafka(kafkaConfig(cfg.Kafka, slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	err = b.pipe(ctx, cfg, src, func(ctx context.Context, r *pipeline.Runner) error {
		quiet := &cli{err: io.Discard}
		quiet.flags.quiet = true
		return quiet.untilRead(ctx, r, int64(len(b.docs)))
	})
	return errors.Join(err, src.Close())
}
