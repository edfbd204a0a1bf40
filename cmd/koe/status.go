package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
)

// japan is the zone in which people read times; a zone file is not needed.
func japan() *time.Location { return time.FixedZone("JST", 9*60*60) }

// state is what koe status prints.
type state struct {
	Index  *index.Status   `json:"index,omitempty"`
	Tables []exports.Count `json:"tables"`
	// Partitions tells where the sinks stand, and with --lag how far the log goes.
	Partitions []standing `json:"partitions"`
	// Commits tells when a sink last made something durable.
	Commits map[string]time.Time `json:"last_commit"`
}

// standing is where the sinks stand in a partition. A number that is not known
// is absent.
type standing struct {
	Partition string `json:"partition"`
	Index     *int64 `json:"index,omitempty"`
	Exports   *int64 `json:"exports,omitempty"`
	Replayed  int64  `json:"replayed"` // messages that one sink will skip because it holds them
	End       *int64 `json:"end,omitempty"`
	Lag       *int64 `json:"lag,omitempty"` // messages that some sink does not hold safely
}

func newStatusCommand(c *cli) *cobra.Command {
	var asJSON, lag bool
	var read string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "say what the index and the tables hold, and up to which positions",
		Long: `status prints the contacts and voices of the index, the days they span, the
definition versions in use, the position per partition that is safe against a
crash, and the files and rows of the Parquet tables. With --read it prints the
lines that read the newest contacts and their voices in another program.

For each partition it says where each sink stands, and what the one that is
ahead will see again after a restart, and skip. With --lag it asks the brokers
how far the logs go.
` + exitCodes,
		Example: `  koe status
  koe status --json
  koe status --read duckdb`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if read != "" {
				return printStatement(c.out, cfg.Out, read)
			}
			var s state
			if s.Tables, err = exports.Counts(cmd.Context(), cfg.Out); err != nil {
				return err
			}
			r, err := openReader(cmd.Context(), cfg, c.logger(cfg.Log))
			var none *coded
			if err != nil && (!errors.As(err, &none) || rows(s.Tables) == 0) {
				return err
			}
			if err == nil {
				s.Index, err = r.Status(cmd.Context())
				if err = errors.Join(err, r.close()); err != nil {
					return err
				}
			}
			if err := s.stand(cmd.Context(), cfg, lag); err != nil {
				return err
			}
			if asJSON {
				return encode(c.out, s)
			}
			return s.write(c.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&lag, "lag", false, "ask the brokers for the ends of the logs")
	kafkaFlags(c, cmd, config.Default())
	c.bindList(cmd.Flags(), "kafka.topics", "topics", config.Default().Kafka.Topics, "topics, each as NAME or NAME=DECODER")
	cmd.Flags().StringVar(&read, "read", "", "print how duckdb, spark, pyarrow or polars reads the tables")
	return cmd
}

// printStatement writes what to paste into another program.
func printStatement(w io.Writer, out, reader string) error {
	all, err := exports.Statements(out)
	if err != nil {
		return err
	}
	var names []string
	for _, s := range all {
		if s.Reader == reader {
			_, err := io.WriteString(w, s.Text)
			return err
		}
		names = append(names, s.Reader)
	}
	return usage("--read %q: write one of %s", reader, strings.Join(names, ", "))
}

func rows(tables []exports.Count) (n int64) {
	for _, t := range tables {
		n += t.Rows
	}
	return n
}

func (s state) write(w io.Writer) error {
	if i := s.Index; i != nil {
		if _, err := fmt.Fprintf(w, "index   %s contacts, %s voices, %s to %s, %.1f MB in %d segments\n", group(i.Contacts), group(i.Voices),
			cmp.Or(i.First, "-"), cmp.Or(i.Last, "-"), float64(i.Bytes)/1e6, i.Segments); err != nil {
			return err
		}
		for _, d := range i.Definitions {
			if _, err := fmt.Fprintf(w, "        definition %s: %s contacts\n", d.Value, group(d.Contacts)); err != nil {
				return err
			}
		}
	}
	if err := s.writeStanding(w); err != nil {
		return err
	}
	t := ui.Table{Header: []string{"table", "files", "rows", "bytes"}, Right: []bool{false, true, true, true}}
	for _, c := range s.Tables {
		t.Rows = append(t.Rows, []string{c.Table, group(int64(c.Files)), group(c.Rows), group(c.Bytes)})
	}
	return t.Write(w)
}
