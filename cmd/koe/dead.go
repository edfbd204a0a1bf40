package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

func newDeadCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead",
		Short: "show the messages that could not be read, and read them again",
		Long: `A message that cannot be read becomes a dead letter in the Parquet table
dead_letters: its position, the reason, the field that is wrong, the decoder, the
size and a hash, never the text.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeadListCommand(c), newDeadRetryCommand(c))
	return cmd
}

// deadFilter chooses dead letters.
type deadFilter struct{ reason, topic, decoder string }

func (f *deadFilter) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reason, "reason", "", "only those of this reason, such as value or syntax")
	cmd.Flags().StringVar(&f.topic, "topic", "", "only those of this topic")
	cmd.Flags().StringVar(&f.decoder, "decoder", "", "only those of this decoder")
}

func (f *deadFilter) holds(d voc.DeadLetter) bool {
	return (f.reason == "" || string(d.Reason) == f.reason) && (f.topic == "" || d.Partition.Topic == f.topic) && (f.decoder == "" || d.Decoder == f.decoder)
}

func newDeadListCommand(c *cli) *cobra.Command {
	var f deadFilter
	var each, asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "count the dead letters by reason, or list each",
		Long: `list reads the table dead_letters of the out folder, which a running koe writes
when a file closes (exports.max_age) or when it stops. Those that koe dead retry
has read since are left out.
` + exitCodes,
		Example: `  koe dead list
  koe dead list --reason value --each
  koe dead list --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			letters, retried, err := deadLetters(cmd.Context(), cfg, f)
			if err != nil {
				return err
			}
			if retried > 0 {
				c.say("koe: %d more were read again since", retried)
			}
			return c.printDead(letters, each, asJSON)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&each, "each", false, "list each with its position")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print counts and letters as JSON")
	return cmd
}

// deadJSON is what koe dead list --json prints.
type deadJSON struct {
	DeadLetters int                `json:"dead_letters"`
	ByReason    map[voc.Reason]int `json:"by_reason"`
	Letters     []voc.DeadLetter   `json:"letters"`
}

func (c *cli) printDead(letters []voc.DeadLetter, each, asJSON bool) error {
	if asJSON {
		out := deadJSON{DeadLetters: len(letters), ByReason: map[voc.Reason]int{}, Letters: append([]voc.DeadLetter{}, letters...)}
		for _, d := range letters {
			out.ByReason[d.Reason]++
		}
		return encode(c.out, out)
	}
	if each {
		t := ui.Table{Header: []string{"position", "time", "reason", "field", "decoder", "bytes"}, Right: []bool{false, false, false, false, false, true}}
		for _, d := range letters {
			t.Rows = append(t.Rows, []string{voc.Position{Partition: d.Partition, Offset: d.Offset}.String(), d.Time.Format(time.RFC3339), string(d.Reason), d.Field, d.Decoder, strconv.Itoa(d.Bytes)})
		}
		return t.Write(c.out)
	}
	type kind struct {
		reason                voc.Reason
		field, decoder, topic string
	}
	count := map[kind]int64{}
	var kinds []kind
	for _, d := range letters {
		k := kind{d.Reason, d.Field, d.Decoder, shortTopic(d.Partition.Topic)}
		if count[k]++; count[k] == 1 {
			kinds = append(kinds, k)
		}
	}
	slices.SortStableFunc(kinds, func(a, b kind) int { return cmp.Compare(count[b], count[a]) })
	t := ui.Table{Header: []string{"reason", "field", "decoder", "topic", "dead letters"}, Right: []bool{false, false, false, false, true}}
	for _, k := range kinds {
		t.Rows = append(t.Rows, []string{string(k.reason), k.field, k.decoder, k.topic, group(count[k])})
	}
	if len(t.Rows) == 0 {
		c.say("koe: no dead letters")
		return nil
	}
	return t.Write(c.out)
}

// shortTopic cuts the hash of a file, which is as long as a line.
func shortTopic(topic string) string {
	if hash, ok := strings.CutPrefix(topic, "file-"); ok && len(hash) > 12 {
		return "file-" + hash[:12] + "…"
	}
	return topic
}

// deadLetters returns the dead letters in the order of their positions, each
// position once, and the number of those that were read again.
func deadLetters(ctx context.Context, cfg config.Config, f deadFilter) (letters []voc.DeadLetter, retried int, err error) {
	done, err := readRetried(cfg)
	if err != nil {
		return nil, 0, err
	}
	for d, err := range exports.DeadLettersIn(ctx, cfg.Out) {
		switch {
		case err != nil:
			return nil, 0, err
		case !f.holds(d):
		case done[voc.Position{Partition: d.Partition, Offset: d.Offset}]:
			retried++
		default:
			letters = append(letters, d)
		}
	}
	slices.SortStableFunc(letters, func(a, b voc.DeadLetter) int {
		return cmp.Or(a.Partition.Compare(b.Partition), cmp.Compare(a.Offset, b.Offset))
	})
	return letters, retried, nil
}

func newDeadRetryCommand(c *cli) *cobra.Command {
	var f deadFilter
	var dry, asJSON bool
	cmd := &cobra.Command{
		Use:   "retry",
		Short: "read dead letters again from Kafka, after a decoder or a mapping was corrected",
		Long: `retry reads the messages of dead letters again by their positions, as the
configuration now says (kafka.topics, kafka.mappings). Those that can be read
become contacts as if they had been read at first: a newer version of a contact
stays the newest. Those that still cannot stay dead letters. A message that Kafka
does not hold any more, or whose hash is another, is lost. Dead letters of files
are not read: correct the file or its mapping and load it again.

koe run must not run: retry writes to the same index.
` + exitCodes,
		Example: `  koe dead retry --dry-run
  koe dead retry --topic calls --brokers 127.0.0.1:9092`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			return c.deadRetry(cmd.Context(), cfg, f, dry, asJSON)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only tell what could be read now")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the counts as JSON")
	kafkaFlags(c, cmd, config.Default())
	c.bindList(cmd.Flags(), "kafka.topics", "topics", config.Default().Kafka.Topics, "topics, each as NAME or NAME=DECODER")
	return cmd
}

// retryResult is what koe dead retry prints.
type retryResult struct {
	DeadLetters int   `json:"dead_letters"` // looked at
	Readable    int   `json:"readable"`     // and read, unless it was a dry run
	Still       int   `json:"still_dead"`
	Lost        int   `json:"lost"`  // not in Kafka any more
	Files       int   `json:"files"` // of files, which load reads
	Contacts    int64 `json:"contacts"`
	Deleted     int64 `json:"deleted"`
}

func (c *cli) deadRetry(ctx context.Context, cfg config.Config, f deadFilter, dry, asJSON bool) error {
	letters, _, err := deadLetters(ctx, cfg, f)
	if err != nil {
		return err
	}
	res := retryResult{DeadLetters: len(letters)}
	sums := map[voc.Position]string{}
	var at []voc.Position
	for _, d := range letters {
		p := voc.Position{Partition: d.Partition, Offset: d.Offset}
		switch {
		case strings.HasPrefix(d.Partition.Topic, "file-"):
			res.Files++
		case sums[p] == "":
			at = append(at, p)
			sums[p] = d.SHA256
		}
	}
	if len(at) == 0 {
		return c.printRetry(res, dry, asJSON)
	}
	log := c.logger(cfg.Log)
	dec, err := newDecoder(cfg.Kafka)
	if err != nil {
		return &coded{exitUsage, err}
	}
	e, err := openEngine(ctx, cfg, log)
	if errors.Is(err, index.ErrLocked) {
		return fmt.Errorf("%w; stop it, retry, and start it again", err)
	}
	if err != nil {
		return err
	}
	err = e.retry(ctx, dec, at, sums, dry, &res)
	if err = errors.Join(err, e.close()); err != nil {
		return err
	}
	return c.printRetry(res, dry, asJSON)
}

// retry tries every message first, so that only those that can be read go
// through the sinks: their partition is the set of them.
func (e *engine) retry(ctx context.Context, dec pipeline.Decoder, at []voc.Position, sums map[voc.Position]string, dry bool, res *retryResult) error {
	k := kafkaConfig(e.cfg.Kafka, e.log)
	trial, err := e.runner(source.NewAgain(k, nil), dec, 0)
	if err != nil {
		return err
	}
	var good []voc.Position
	if err := source.Fetch(ctx, k, at, func(m voc.Message, found bool) error {
		p := voc.Position{Partition: m.Partition, Offset: m.Offset}
		sum := sha256.Sum256(m.Value)
		switch {
		case !found, hex.EncodeToString(sum[:]) != sums[p]:
			res.Lost++
		case len(trial.Try(ctx, m).Dead) > 0:
			res.Still++
		default:
			good = append(good, p)
		}
		return nil
	}); err != nil {
		return err
	}
	if res.Readable = len(good); dry || len(good) == 0 {
		return nil
	}
	r, err := e.runner(source.NewAgain(k, good), dec, 0)
	if err != nil {
		return err
	}
	if err := r.Run(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s := r.Stats()
	res.Contacts, res.Deleted = s.Contacts, s.Deleted
	return keepRetried(e.cfg, good)
}

func (c *cli) printRetry(r retryResult, dry, asJSON bool) error {
	if asJSON {
		return encode(c.out, r)
	}
	t := ui.Table{Right: []bool{false, true}}
	for _, row := range []struct {
		name string
		n    int
	}{{"dead letters", r.DeadLetters}, {"readable", r.Readable}, {"still dead", r.Still}, {"lost", r.Lost}, {"of files", r.Files}, {"contacts", int(r.Contacts)}, {"deleted", int(r.Deleted)}} {
		t.Rows = append(t.Rows, []string{row.name, group(int64(row.n))})
	}
	if err := t.Write(c.out); err != nil {
		return err
	}
	switch {
	case dry && r.Readable > 0:
		c.say("koe: a dry run; nothing was written")
	case r.Files > 0:
		c.say("koe: correct the files or their mapping and load them again")
	}
	return nil
}

// retriedFile holds the positions of the dead letters that were read again, a
// line each.
func retriedFile(cfg config.Config) string {
	return filepath.Join(cfg.Data, "state", "dead_retried.jsonl")
}

// retriedLine is a line of it.
type retriedLine struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
}

func readRetried(cfg config.Config) (map[voc.Position]bool, error) {
	data, err := os.ReadFile(retriedFile(cfg))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was retried: %w", err)
	}
	out := map[voc.Position]bool{}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var l retriedLine
		if json.Unmarshal(s.Bytes(), &l) != nil {
			continue // a crash cut the last line off: that retry is repeated, which changes nothing
		}
		out[voc.Position{Partition: voc.Partition{Topic: l.Topic, ID: l.Partition}, Offset: l.Offset}] = true
	}
	return out, nil
}

func keepRetried(cfg config.Config, at []voc.Position) (err error) {
	if err := os.MkdirAll(filepath.Dir(retriedFile(cfg)), 0o700); err != nil {
		return fmt.Errorf("keep what was retried: %w", err)
	}
	f, err := os.OpenFile(retriedFile(cfg), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep what was retried: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var b bytes.Buffer
	b.WriteByte('\n') // ends a line that a crash cut off
	for _, p := range at {
		if err := encode(&b, retriedLine{p.Partition.Topic, p.Partition.ID, p.Offset}); err != nil {
			return err
		}
	}
	if _, err := f.Write(b.Bytes()); err != nil {
		return fmt.Errorf("keep what was retried: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("keep what was retried: %w", err)
	}
	return nil
}
