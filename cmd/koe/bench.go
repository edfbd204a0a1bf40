package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/bench"
	"github.com/koe-voc/koe/cmd/koe/ui"
)

type benchFlags struct {
	contacts int
	seed     uint64
	rounds   int
	steps    []string
	write    string
	profile  string
	json     bool
	broker   bool
}

func newBenchCommand(c *cli) *cobra.Command {
	f := benchFlags{contacts: 20_000, seed: 1, rounds: 5}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "measure what koe costs beside kagome's tokenising alone",
		Long: `bench takes the steps of koe in turn over the same generated contacts (630 bytes
of text each), several rounds, and prints for each the processor time and how
many times as fast as kagome's tokenising of the same text it is: the median of
the rounds, and the extremes. Processor time counts, not the clock: other work on
the machine stretches the clock.

Steps: kagome, and koe's decode, mask, words (tokenising), chunk, classify; find
(tokenising and indexing alone, live); index and exports (writing of ready
records); load (everything, from a file) and run (everything, from a broker that
speaks the Kafka protocol in a process of its own).
` + exitCodes,
		Example: `  koe bench --contacts 500 --rounds 1
  koe bench --contacts 200 --steps words,load --profile ./profiles
  koe bench --write documents.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.broker {
				return c.benchBroker()
			}
			if f.contacts < 1 || f.rounds < 1 {
				return usage("--contacts %d --rounds %d: want 1 or more of each", f.contacts, f.rounds)
			}
			if f.write != "" {
				return writeDocuments(f)
			}
			return c.bench(cmd.Context(), f)
		},
	}
	cmd.Flags().IntVar(&f.contacts, "contacts", f.contacts, "contacts to measure with")
	cmd.Flags().Uint64Var(&f.seed, "seed", f.seed, "of the generator: the same gives the same contacts")
	cmd.Flags().IntVar(&f.rounds, "rounds", f.rounds, "how often each step is taken")
	cmd.Flags().StringSliceVar(&f.steps, "steps", nil, "which steps (default all); kagome is always one")
	cmd.Flags().StringVar(&f.write, "write", "", "only write the contacts to this file, for other programs to be measured with")
	cmd.Flags().StringVar(&f.profile, "profile", "", "folder for a processor profile of each step, for go tool pprof")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the figures as JSON")
	cmd.Flags().BoolVar(&f.broker, "broker", false, "be the broker of step run until stdin ends")
	if err := cmd.Flags().MarkHidden("broker"); err != nil {
		cmd.RunE = func(*cobra.Command, []string) error { return err }
	}
	return cmd
}

func writeDocuments(f benchFlags) (err error) {
	docs, err := bench.Documents(f.contacts, f.seed)
	if err != nil {
		return err
	}
	file, err := os.Create(f.write)
	if err != nil {
		return fmt.Errorf("write contacts: %w; name a file that can be written with --write", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return encodeLines(file, docs)
}

func encodeLines(w io.Writer, docs []bench.Document) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range docs {
		if err := enc.Encode(&docs[i]); err != nil {
			return fmt.Errorf("write contacts: %w", err)
		}
	}
	return nil
}

func (c *cli) bench(ctx context.Context, f benchFlags) (err error) {
	dir, err := os.MkdirTemp("", "koe-bench-")
	if err != nil {
		return fmt.Errorf("make a folder to measure in: %w; name one that can be written with TMPDIR", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b, err := newBenchmark(ctx, f, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	steps, err := b.choose(f.steps)
	if err != nil {
		return err
	}
	if f.profile != "" {
		if err := os.MkdirAll(f.profile, 0o755); err != nil { //nolint:gosec // profiles hold no text
			return fmt.Errorf("make the folder of --profile: %w", err)
		}
		for i := range steps {
			steps[i].Run = profiled(steps[i].Run, filepath.Join(f.profile, steps[i].Name+".pprof"))
		}
	}
	bar := ui.NewProgress(c.err, !c.flags.quiet, int64(len(steps)*f.rounds), "measuring")
	n := int64(0)
	figures, err := bench.Rounds(ctx, steps, f.rounds, func() { n++; bar.Set(n) })
	bar.Done()
	if err != nil {
		return err
	}
	return c.printBench(f, b, figures)
}

// profiled writes a profile of the last round of a step.
func profiled(run func(context.Context) error, name string) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		file, err := os.Create(name)
		if err != nil {
			return fmt.Errorf("write profile: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("write profile: %w", err)
		}
		defer pprof.StopCPUProfile()
		return run(ctx)
	}
}

// measured is what koe bench prints of a step.
type measured struct {
	Step    string  `json:"step"`
	CPU     float64 `json:"cpu_us"` // a contact, median of the rounds
	Wall    float64 `json:"wall_us"`
	PerSec  float64 `json:"contacts_per_cpu_second"`
	MBPerS  float64 `json:"mb_per_cpu_second"` // of text
	Times   float64 `json:"times_kagome"`      // median of the rounds' ratios
	Slowest float64 `json:"times_kagome_low"`
	Fastest float64 `json:"times_kagome_high"`
}

func (c *cli) printBench(f benchFlags, b *benchmark, figures []bench.Figure) error {
	n := float64(len(b.docs))
	out := make([]measured, len(figures))
	for i := range figures {
		g := &figures[i]
		cpu := bench.Median(g.CPU).Seconds()
		m := measured{Step: g.Name, CPU: cpu / n * 1e6, Wall: bench.Median(g.Wall).Seconds() / n * 1e6, PerSec: n / max(cpu, 1e-9), MBPerS: float64(b.bytes) / 1e6 / max(cpu, 1e-9)}
		m.Times, m.Slowest, m.Fastest = g.Ratios(&figures[0])
		out[i] = m
	}
	if f.json {
		return encode(c.out, out)
	}
	t := ui.Table{
		Header: []string{"step", "cpu µs", "wall µs", "contacts/cpu-s", "MB/cpu-s", "× kagome", "low–high"},
		Right:  []bool{false, true, true, true, true, true, true},
	}
	for _, m := range out {
		t.Rows = append(t.Rows, []string{
			m.Step, fmt.Sprintf("%.1f", m.CPU), fmt.Sprintf("%.1f", m.Wall), group(int64(m.PerSec)), fmt.Sprintf("%.2f", m.MBPerS),
			fmt.Sprintf("%.2f", m.Times), fmt.Sprintf("%.2f–%.2f", m.Slowest, m.Fastest),
		})
	}
	if err := t.Write(c.out); err != nil {
		return err
	}
	c.say("koe: %s contacts of %.0f bytes, %d rounds; index and tables: %.0f and %.0f bytes a contact",
		group(int64(n)), float64(b.bytes)/n, f.rounds, float64(b.indexBytes)/n, float64(b.tableBytes)/n)
	return nil
}

// sizeOf sums the files of a folder.
func sizeOf(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// farAway is when the pipeline would look for the age of a batch: measuring is
// over before.
const farAway = time.Hour
