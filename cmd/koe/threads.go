package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index/mine"
)

// threadCounts is what koe export threads prints.
type threadCounts struct {
	Threads  int                 `json:"threads"`
	Contacts int                 `json:"contacts"` // in a thread
	Signals  map[mine.Signal]int `json:"threads_by_signal"`
}

func newThreadsCommand(c *cli) *cobra.Command {
	var asJSON bool
	var o mine.Options
	cmd := &cobra.Command{
		Use:   "threads",
		Short: "write the table of contacts that belong together: who came back, told it again, was called back",
		Long: `threads links contacts with one thread_id, and those of one customer (by the hash
of customer_key, over all channels) of which the next comes within --days, and
writes the table threads: contacts in the order of time, channels, the matters
(type/aspect of one product) that were told again, and how often the customer
came back through another channel or was called back (direction outbound). It
is written anew as a whole, so the order of arrival does not matter.
` + exitCodes,
		Example: `  koe export threads
  koe export threads --days 30 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if o.Days < 1 {
				return usage("--days %d: want 1 or more", o.Days)
			}
			r, err := openReader(cmd.Context(), cfg, c.logger(cfg.Log))
			if err != nil {
				return err
			}
			keys, _, err := readKeys(cfg)
			if err != nil {
				return errors.Join(err, r.close())
			}
			o.Current = keys.Current
			counts, err := exportThreads(cmd.Context(), cfg, r, o)
			if err = errors.Join(err, r.close()); err != nil {
				return err
			}
			if asJSON {
				return encode(c.out, counts)
			}
			t := ui.Table{Header: []string{"signal", "threads"}, Right: []bool{false, true}, Rows: [][]string{{"any", group(int64(counts.Threads))}}}
			for _, s := range mine.Signals() {
				t.Rows = append(t.Rows, []string{string(s), group(int64(counts.Signals[s]))})
			}
			return t.Write(c.out)
		},
	}
	cmd.Flags().IntVar(&o.Days, "days", mine.DefaultOptions().Days, "how long after a contact the customer's next one still belongs to it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the counts as JSON")
	return cmd
}

// exportThreads finds the threads of an index and writes the table.
func exportThreads(ctx context.Context, cfg config.Config, src mine.Source, o mine.Options) (*threadCounts, error) {
	if err := os.MkdirAll(cfg.Out, 0o755); err != nil { //nolint:gosec // tables are for other programs to read
		return nil, fmt.Errorf("make out folder: %w", err)
	}
	k, err := exports.OpenKeeper(ctx, exports.Options{FS: exports.Dir(cfg.Out), Location: cfg.Location()})
	if err != nil {
		return nil, err
	}
	counts, err := writeThreads(ctx, k, src, o)
	return counts, errors.Join(err, k.Close())
}

func writeThreads(ctx context.Context, k *exports.Keeper, src mine.Source, o mine.Options) (*threadCounts, error) {
	all, err := mine.Threads(ctx, src, o)
	if err != nil {
		return nil, err
	}
	counts := &threadCounts{Threads: len(all), Signals: map[mine.Signal]int{}}
	rows := make([]exports.Thread, len(all))
	for i := range all {
		rows[i] = threadRow(&all[i], o)
		counts.Contacts += len(all[i].Contacts)
		for s := range all[i].Signals {
			counts.Signals[s]++
		}
	}
	return counts, k.WriteThreads(ctx, rows)
}

func threadRow(t *mine.Thread, o mine.Options) exports.Thread {
	n := func(n int) int32 { return int32(n) } //nolint:gosec // counts of contacts of one customer
	r := exports.Thread{
		ID: t.ID, RecordIDs: t.Contacts, Channels: t.Channels, FirstAt: t.First, LastAt: t.Last, Contacts: n(len(t.Contacts)), Inbound: n(t.Inbound), Outbound: n(t.Outbound),
		Products: t.Products, Matters: t.Matters, Repeats: n(t.Signals[mine.Repeat]), Changes: n(t.Signals[mine.Channel]), Callbacks: n(t.Signals[mine.Callback]), WindowDays: n(o.Days),
	}
	if t.Customer != "" {
		r.CustomerKey = &t.Customer
	}
	return r
}
