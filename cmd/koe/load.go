package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// fileFlags are the flags of the commands that read files.
type fileFlags struct{ mapping, format, decoder string }

func (f *fileFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.mapping, "mapping", "", "mapping file that says which column is what; CSV, TSV and xlsx need one")
	cmd.Flags().StringVar(&f.format, "format", "", "jsonl, csv, tsv, xlsx, whole (a file is one message) or mbox (default: by the file's name)")
	cmd.Flags().StringVar(&f.decoder, "decoder", "", "how a message is read; koe formats lists the names (default contact, for .eml and .mbox mail)")
}

// open makes the source of files.
func (f *fileFlags) open(paths []string, progress func(int64)) (*source.Files, error) {
	o := source.FileOptions{Format: f.format, Progress: progress}
	name, err := f.decoderOf(paths)
	if err != nil {
		return nil, err
	}
	if name != "" {
		o.Headers = map[string]string{decode.Header: name}
	}
	var m source.Mapper
	if f.mapping != "" {
		data, err := os.ReadFile(f.mapping)
		if err != nil {
			return nil, &coded{exitUsage, fmt.Errorf("read mapping: %w", err)}
		}
		mp, err := decode.ParseMapping(f.mapping, data)
		if err != nil {
			return nil, &coded{exitUsage, err}
		}
		l := mp.Layout()
		o.Sheet, o.SkipRows, o.Encoding = l.Sheet, l.SkipRows, l.Encoding
		m = mp
	}
	src, err := source.NewFiles(paths, m, o)
	if err != nil {
		return nil, &coded{exitUsage, err}
	}
	return src, nil
}

// decoderOf is the decoder of all files, empty for the contact schema.
func (f *fileFlags) decoderOf(paths []string) (string, error) {
	switch {
	case f.decoder == "" || f.decoder == decode.Contact:
	case f.mapping != "":
		return "", usage("--mapping and --decoder %s: a mapping file is a decoder of its own; leave one out", f.decoder)
	case !slices.Contains(decode.Names(), f.decoder):
		return "", usage("no decoder %q; koe formats lists the names", f.decoder)
	default:
		return f.decoder, nil
	}
	mails := 0
	for _, p := range paths {
		named := source.FormatOf(p)
		if f.decoder == "" && (f.format == source.Mbox || named == source.Mbox || named == source.Whole) {
			mails++
		}
	}
	switch mails {
	case 0:
		return "", nil
	case len(paths):
		return decode.Mail, nil
	}
	return "", usage("mails and other files in one go; load them one after the other")
}

func newLoadCommand(c *cli) *cobra.Command {
	var files fileFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "load FILE...",
		Short: "read contacts from files into the index and the Parquet tables",
		Long: `load reads JSON Lines of contacts (schema v1), or CSV, TSV, xlsx and other JSON
Lines with a mapping file; one row is one contact. Messages of other systems are
read with --decoder, a line each (--format whole: a file each), and mails as .eml
or .mbox files. Loading the same bytes again
changes nothing and says so. UTF-8 with and without BOM, UTF-16 and CP932 are
found out.

A row that cannot be read becomes a dead letter with the field that is wrong;
the others are loaded. It ends with counts: rows = contacts + deleted + empty +
dead letters + unchanged.
` + exitCodes,
		Example: `  koe load contacts.jsonl
  koe load answers.csv --mapping answers.yaml
  koe load tickets.jsonl --decoder zendesk
  koe load question.eml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			return c.load(cmd.Context(), cfg, files, args, asJSON)
		},
	}
	files.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the counts as JSON")
	c.bind(cmd.Flags(), "sinks", "sinks", config.Default().Sinks, "which sinks take the contacts: index,exports or one of them")
	return cmd
}

// loaded is what koe load prints.
type loaded struct {
	Rows      int64                `json:"rows"` // in the files, those loaded before included
	Contacts  int64                `json:"contacts"`
	Deleted   int64                `json:"deleted"`
	Empty     int64                `json:"empty"`
	Dead      int64                `json:"dead_letters"`
	Unchanged int64                `json:"unchanged"` // loaded before
	Voices    int64                `json:"voices"`
	ByType    map[voc.Type]int64   `json:"voices_by_type,omitempty"`
	Reasons   map[voc.Reason]int64 `json:"dead_letters_by_reason,omitempty"`
	Seconds   float64              `json:"seconds"`
}

func (c *cli) load(ctx context.Context, cfg config.Config, files fileFlags, paths []string, asJSON bool) error {
	log := c.logger(cfg.Log)
	start := time.Now()
	var bar *ui.Progress
	done := int64(0)
	src, err := files.open(paths, func(n int64) {
		done += n
		if bar != nil {
			bar.Set(done)
		}
	})
	if err != nil {
		return err
	}
	schemas, err := schemasOf(cfg.Kafka)
	if err != nil {
		return &coded{exitUsage, err}
	}
	dec, err := decode.New(decode.Options{Default: decode.Contact, Schemas: schemas})
	if err != nil {
		return err
	}
	total, err := src.Size()
	if err != nil {
		return &coded{exitUsage, err}
	}
	e, err := openEngine(ctx, cfg, log)
	if errors.Is(err, index.ErrLocked) {
		return fmt.Errorf("%w; koe produce %s sends files to the topics that it reads, or stop it first", err, paths[0])
	}
	if err != nil {
		return err
	}
	r, err := e.runner(src, dec, 0)
	if err != nil {
		return errors.Join(err, e.close())
	}
	bar = ui.NewProgress(c.err, !c.flags.quiet, total, "loading")
	err = r.Run(ctx)
	bar.Done()
	if err == nil && ctx.Err() == nil {
		err = e.keeper.pass(ctx, false)
	}
	if err = errors.Join(err, e.close()); err != nil {
		return err
	}
	if ctx.Err() != nil {
		c.say("koe: stopped; what was read is kept, the same command goes on from there")
		return ctx.Err()
	}
	return c.printLoaded(r.Stats(), time.Since(start), asJSON)
}

func (c *cli) printLoaded(s pipeline.Stats, took time.Duration, asJSON bool) error {
	l := loaded{
		Rows: s.Start + s.Messages, Contacts: s.Contacts, Deleted: s.Deleted, Empty: s.Empty, Dead: s.Dead, Unchanged: s.Start,
		Voices: s.Voices, ByType: s.VoicesBy, Reasons: s.DeadBy, Seconds: took.Seconds(),
	}
	if asJSON {
		return encode(c.out, l)
	}
	t := ui.Table{Right: []bool{false, true}}
	for _, row := range []struct {
		name string
		n    int64
	}{{"rows", l.Rows}, {"contacts", l.Contacts}, {"deleted", l.Deleted}, {"empty", l.Empty}, {"dead letters", l.Dead}, {"unchanged", l.Unchanged}, {"voices", l.Voices}} {
		t.Rows = append(t.Rows, []string{row.name, group(row.n)})
	}
	for _, typ := range voc.Types() {
		t.Rows = append(t.Rows, []string{"  " + string(typ), group(l.ByType[typ])})
	}
	if err := t.Write(c.out); err != nil {
		return err
	}
	reasons := make([]voc.Reason, 0, len(l.Reasons))
	for r := range l.Reasons {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b voc.Reason) int { return cmp.Compare(l.Reasons[b], l.Reasons[a]) })
	for _, r := range reasons {
		c.say("koe: dead letters: %s %d", r, l.Reasons[r])
	}
	if took > 0 {
		c.say("koe: %.1f s, %.0f contacts a second", took.Seconds(), float64(l.Contacts)/took.Seconds())
	}
	if l.Rows > 0 && l.Unchanged == l.Rows {
		c.say("koe: every row was loaded before: nothing changed")
	}
	return nil
}

// group writes a number with commas between thousands.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func newProduceCommand(c *cli) *cobra.Command {
	var files fileFlags
	var topic string
	cmd := &cobra.Command{
		Use:   "produce FILE...",
		Short: "send the contacts of files to a Kafka topic",
		Long: `produce reads files like koe load and writes each contact (schema v1) to a
topic that koe run reads. The key is source/id, so that versions of a contact
keep their order. With --decoder a message goes as it stands, without a key, and
its header says how it is read. After a broker's loss a contact may be written
twice; it still counts once.
` + exitCodes,
		Example: `  koe produce contacts.jsonl --topic calls --brokers 127.0.0.1:9092
  koe produce answers.csv --mapping answers.yaml --topic chats`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if topic == "" {
				return usage("no topic; name it with --topic")
			}
			src, err := files.open(args, nil)
			if err != nil {
				return err
			}
			n, err := source.Produce(cmd.Context(), kafkaConfig(cfg.Kafka, c.logger(cfg.Log)), topic, messagesOf(cmd.Context(), src))
			c.say("koe: %s contacts written to %s", group(int64(n)), topic)
			return err
		},
	}
	files.add(cmd)
	cmd.Flags().StringVar(&topic, "topic", "", "topic to write to")
	kafkaFlags(c, cmd, config.Default())
	return cmd
}

// messagesOf turns a source of files into records for a topic.
func messagesOf(ctx context.Context, src *source.Files) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		errStop := errors.New("stopped")
		s, err := src.Next(ctx)
		if err == nil {
			err = s.Read(ctx, nil, func(m voc.Message) error {
				if !yield(source.Record{Key: decode.Key(m.Value), Value: m.Value, Headers: m.Headers}, nil) {
					return errStop
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(source.Record{}, err)
		}
	}
}
