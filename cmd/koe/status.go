package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

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
}

func newStatusCommand(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "say what the index and the tables hold, and up to which positions",
		Long: `status prints the contacts and voices of the index, the days they span, the
definition versions in use, the position per partition that is safe against a
crash, and the files and rows of the Parquet tables.
` + exitCodes,
		Example: `  koe status
  koe status --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
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
			if asJSON {
				return encode(c.out, s)
			}
			return s.write(c.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
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
		for _, p := range slices.Sorted(maps.Keys(i.Positions)) {
			if _, err := fmt.Fprintf(w, "        %s: next offset %d\n", p, i.Positions[p]); err != nil {
				return err
			}
		}
	}
	t := ui.Table{Header: []string{"table", "files", "rows", "bytes"}, Right: []bool{false, true, true, true}}
	for _, c := range s.Tables {
		t.Rows = append(t.Rows, []string{c.Table, group(int64(c.Files)), group(c.Rows), group(c.Bytes)})
	}
	return t.Write(w)
}
