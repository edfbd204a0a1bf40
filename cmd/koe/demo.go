package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// demoDrain is the time that the last flush may take: nobody kills a demo.
const demoDrain = 10 * time.Minute

// demoPartitions of each topic: enough that order across partitions matters.
const demoPartitions = 3

type demoFlags struct {
	contacts int
	seed     uint64
	keep     string
	serve    bool
	json     bool
}

func newDemoCommand(c *cli) *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "show the whole of koe on contacts written for it; needs nothing else",
		Long: `demo starts a broker inside the process that speaks the Kafka protocol, writes
the bundled contacts (and --contacts more, generated) to two topics, calls and
chats, and runs the pipeline of koe run on them: consumer group, decode, mask,
tokenise, classify, bleve, Parquet. Then it shows what a VOC analyst would look
at first. With --keep the folders stay for koe search, show and export.
` + exitCodes,
		Example: `  koe demo
  koe demo --contacts 2000 --keep ./demo`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.contacts < 0 {
				return usage("--contacts %d: want 0 or more", f.contacts)
			}
			return c.demo(cmd.Context(), f)
		},
	}
	cmd.Flags().IntVar(&f.contacts, "contacts", 0, "contacts to generate beside the bundled ones")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "of the generator: the same gives the same contacts")
	cmd.Flags().StringVar(&f.keep, "keep", "", "folder to keep everything in (default: a temporary one, removed)")
	cmd.Flags().BoolVar(&f.serve, "broker-only", false, "produce, print the broker's address and wait: for koe run in another terminal")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the counts as JSON")
	return cmd
}

// shown is what koe demo --json prints.
type shown struct {
	Search *index.Result   `json:"search"` // of everything, with facets
	Run    pipeline.Stats  `json:"run"`
	Tables []exports.Count `json:"tables"`
}

func (c *cli) demo(ctx context.Context, f demoFlags) (err error) {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	dir, remove, err := demoFolder(f.keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	broker, err := demo.StartBroker(demoPartitions)
	if err != nil {
		return err
	}
	defer broker.Close()
	cfg.Data, cfg.Out = filepath.Join(dir, "data"), filepath.Join(dir, "out")
	cfg.Kafka = config.Default().Kafka
	cfg.Kafka.Brokers, cfg.Kafka.Topics = broker.Addrs(), []string{demo.Calls, demo.Chats}
	total, err := c.demoProduce(ctx, cfg, f)
	if err != nil {
		return err
	}
	if f.serve {
		c.say("koe: koe run --brokers %s --topics %s", strings.Join(broker.Addrs(), ","), strings.Join(cfg.Kafka.Topics, ","))
		<-ctx.Done()
		return ctx.Err()
	}
	return c.demoRun(ctx, cfg, total, f)
}

// demoFolder makes the folder; a kept one must be new, so that counts are those
// of this run.
func demoFolder(keep string) (dir string, remove func() error, err error) {
	if keep == "" {
		dir, err = os.MkdirTemp("", "koe-demo-")
		if err != nil {
			return "", nil, fmt.Errorf("make a folder for the demo: %w; name one with --keep", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	for _, sub := range []string{"data", "out"} {
		if _, err := os.Stat(filepath.Join(keep, sub)); err == nil {
			return "", nil, usage("%s holds a demo already; koe search --data %s looks into it, another --keep makes a new one", keep, filepath.Join(keep, "data"))
		}
	}
	if err := os.MkdirAll(keep, 0o755); err != nil { //nolint:gosec // tables are for other programs to read
		return "", nil, fmt.Errorf("make the folder of --keep: %w; name one that can be written", err)
	}
	return keep, func() error { return nil }, nil
}

// demoProduce writes the contacts to the topics and returns how many.
func (c *cli) demoProduce(ctx context.Context, cfg config.Config, f demoFlags) (int, error) {
	bundled, err := demo.Corpus()
	if err != nil {
		return 0, err
	}
	generated, err := demo.Generate(f.contacts, f.seed)
	if err != nil {
		return 0, err
	}
	k := kafkaConfig(cfg.Kafka, c.logger(cfg.Log))
	bar := ui.NewProgress(c.err, !c.flags.quiet, int64(2*(len(bundled)+f.contacts)), "producing")
	defer bar.Done()
	n, seen := 0, int64(0)
	for _, topic := range cfg.Kafka.Topics {
		m, err := source.Produce(ctx, k, topic, func(yield func(source.Record, error) bool) {
			for _, from := range []iter.Seq[demo.Message]{slices.Values(bundled), generated} {
				for msg := range from {
					seen++
					bar.Set(seen)
					if msg.Topic == topic && !yield(source.Record{Key: msg.Key, Value: msg.Value}, nil) {
						return
					}
				}
			}
		})
		if err != nil {
			return 0, err
		}
		n += m
	}
	return n, nil
}

// demoRun runs the pipeline until every message is through both sinks.
func (c *cli) demoRun(ctx context.Context, cfg config.Config, total int, f demoFlags) (err error) {
	cfg.Run.Drain = demoDrain
	if !c.flags.quiet && cfg.Log.Level == "info" {
		cfg.Log.Level = "warn" // the demo speaks for itself
	}
	log := c.logger(cfg.Log)
	src, dec, err := kafkaSource(cfg, log, source.Hooks{})
	if err != nil {
		return err
	}
	e, err := openEngine(ctx, cfg, log)
	if err != nil {
		return errors.Join(err, src.Close())
	}
	defer func() { err = errors.Join(err, e.close()) }()
	r, err := e.runner(src, dec, 0)
	if err != nil {
		return errors.Join(err, src.Close())
	}
	start := time.Now()
	err = c.untilRead(ctx, r, int64(total))
	took := time.Since(start)
	if err = errors.Join(err, src.Close()); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.demoShow(ctx, cfg, e, r.Stats(), took, f)
}

// untilRead runs r and stops it when total messages are read; the stop drains.
func (c *cli) untilRead(ctx context.Context, r *pipeline.Runner, total int64) error {
	run, stop := context.WithCancel(ctx)
	defer stop()
	bar := ui.NewProgress(c.err, !c.flags.quiet, total, "labelling")
	defer bar.Done()
	done := make(chan error, 1)
	go func() { done <- r.Run(run) }()
	t := time.NewTicker(20 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-t.C:
			n := r.Stats().Messages
			bar.Set(n)
			if n >= total {
				stop()
				return <-done
			}
		}
	}
}

// demoQueries are what an analyst might ask first.
func demoQueries() []string {
	return []string{"voice:complaint/delivery", "risk:* type:complaint", "充電 OR 電源"}
}

func (c *cli) demoShow(ctx context.Context, cfg config.Config, e *engine, s pipeline.Stats, took time.Duration, f demoFlags) error {
	all, err := e.index.Search(ctx, index.Request{Query: query.All{}, Facets: []string{"pair", "risk", "signal", "channel", "masked", "unclassified"}})
	if err != nil {
		return err
	}
	w := c.out
	if f.json {
		tables, err := exports.Counts(ctx, cfg.Out)
		if err != nil {
			return err
		}
		return encode(w, shown{all, s, tables})
	}
	none, err := e.index.Search(ctx, index.Request{Query: query.Not{Query: query.Field{Name: "type", Value: "*"}}})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s contacts, %s voices (the same type and aspect twice in a contact counts once)\n", group(all.Contacts), group(all.Voices))
	fmt.Fprintf(w, "%s contacts without a voice, %s messages without words, %s dead letters\n", group(none.Contacts), group(s.Empty), group(s.Dead))
	fmt.Fprintf(w, "by channel: %s\nmasked: %s\n\n", line(all.Facets["channel"]), line(all.Facets["masked"]))
	if err := matrix(all.Facets["pair"]).Write(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "(contacts; one may stand in several cells)\n\nrisks: %s\nsignals: %s\n", line(all.Facets["risk"]), line(all.Facets["signal"]))
	for _, q := range demoQueries() {
		if err := c.demoSearch(ctx, e, q); err != nil {
			return err
		}
	}
	if err := demoTables(ctx, w, cfg.Out); err != nil {
		return err
	}
	demoTimes(w, s, took)
	if f.keep == "" {
		c.say("koe: the folder is removed now; koe demo --keep DIR keeps it")
	} else {
		c.say("koe: kept; koe search --data %s '届かない' looks into it", cfg.Data)
	}
	return nil
}

func (c *cli) demoSearch(ctx context.Context, e *engine, line string) error {
	q, err := query.Parse(line)
	if err != nil {
		return err
	}
	res, err := e.index.Search(ctx, index.Request{Query: q, Size: 2})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\n$ koe search '%s'\n%s contacts, the newest:\n\n", line, group(res.Contacts))
	return printHits(c.out, res.Hits)
}

func demoTables(ctx context.Context, w io.Writer, out string) error {
	counts, err := exports.Counts(ctx, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nParquet under %s\n", out)
	if err := (state{Tables: counts}).write(w); err != nil {
		return err
	}
	fmt.Fprintf(w, `
to try on them, in DuckDB (koe status --read duckdb prints views that know updates and deletes):
SELECT type, aspect, count(DISTINCT record_id) AS contacts
FROM read_parquet('%s/voices/*/*.parquet') GROUP BY ALL ORDER BY contacts DESC;
`, filepath.ToSlash(out))
	return nil
}

func demoTimes(w io.Writer, s pipeline.Stats, took time.Duration) {
	fmt.Fprintf(w, "\n%.2f s wall, %.0f contacts a second; by stage (all workers):", took.Seconds(), float64(s.Contacts)/took.Seconds())
	for _, st := range append(slices.Clone(s.Stages), s.SinkTimes["index"], s.SinkTimes["exports"]) {
		if st.Name != "stamp" {
			fmt.Fprintf(w, " %s %.2f s", st.Name, st.Time.Seconds())
		}
	}
	fmt.Fprintln(w)
}

func line(items []index.FacetItem) string {
	var out []string
	for _, i := range items {
		out = append(out, fmt.Sprintf("%s %s", i.Value, group(i.Contacts)))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// matrix is the table of types and aspects.
func matrix(pairs []index.FacetItem) ui.Table {
	n := map[string]int64{}
	for _, p := range pairs {
		n[p.Value] = p.Contacts
	}
	t := ui.Table{Header: []string{"aspect"}, Right: []bool{false}}
	for _, typ := range voc.Types() {
		t.Header, t.Right = append(t.Header, string(typ)), append(t.Right, true)
	}
	for _, a := range voc.Aspects() {
		row := []string{string(a)}
		for _, typ := range voc.Types() {
			cell := "."
			if k := n[string(typ)+"/"+string(a)]; k > 0 {
				cell = group(k)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
