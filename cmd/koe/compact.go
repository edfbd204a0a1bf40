package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
)

func newCompactCommand(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "join the small files of the tables, and write what stands as tables of its own",
		Long: `compact joins the Parquet files of each day into one, and writes latest_contacts
and latest_voices: the newest version of each contact that was not deleted after
it, and its voices, for readers that want no window function. A day is replaced
in one step: who lists it sees the old files or the new ones. It may run beside
koe run, once a day or more often; the latest tables are as of its last run.
` + exitCodes,
		Example: `  koe compact
  koe compact --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if !hasTables(cfg.Out) {
				return usage("no tables in %s; name the folder that koe run or koe load wrote with --out", cfg.Out)
			}
			done, err := compact(cmd.Context(), cfg)
			if errors.Is(err, exports.ErrNoExchange) {
				return errors.Join(err, errors.New("the out folder needs a local file system"))
			}
			if err != nil {
				return err
			}
			if asJSON {
				return encode(c.out, done)
			}
			t := ui.Table{Header: []string{"", "days", "files before", "files after", "contacts"}, Right: []bool{false, true, true, true, true}, Rows: [][]string{
				{"joined", group(int64(done.Days)), group(int64(done.Before)), group(int64(done.After)), ""},
				{"latest", group(int64(done.Latest)), "", "", group(int64(done.Contacts))},
			}}
			return t.Write(c.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func compact(ctx context.Context, cfg config.Config) (*exports.Compacted, error) {
	k, err := exports.OpenKeeper(ctx, exports.Options{FS: exports.Dir(cfg.Out), Location: cfg.Location()})
	if err != nil {
		return nil, err
	}
	done, err := k.Compact(ctx)
	return done, errors.Join(err, k.Close())
}
