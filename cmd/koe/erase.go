package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/web"
	"github.com/koe-voc/koe/pipeline/voc"
)

type eraseFlags struct {
	ids, customers []string
	json           bool
}

func newEraseCommand(c *cli) *cobra.Command {
	var f eraseFlags
	cmd := &cobra.Command{
		Use:   "erase",
		Short: "take contacts out of the index, the tables and the weekly exports, for ever",
		Long: `erase takes contacts out of every file of koe's: index segments and Parquet files
that hold them are written anew while others read, and so are weekly exports in
the out folder that quote them. When it ends, it is done; it says how much it
took out.

By --id it holds for ever. By --customer, the key as the source has it, it holds
for contacts that occurred up to now; a customer who comes back is kept. Keyed
hashes of what was erased stay, so that neither a replay nor koe rebuild brings
it back; state/audit.jsonl in the data folder gets a line without names.

A message with a null value and the key source/id erases too, within the hour:
what came before it, not what comes after. What was copied elsewhere, exports
written with --to, backups, and Kafka itself are yours to clean.
` + exitCodes,
		Example: `  koe erase --id ec-call/s-001
  koe erase --customer C-1001 --customer C-1002 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			return c.erase(cmd.Context(), cfg, f)
		},
	}
	cmd.Flags().StringArrayVar(&f.ids, "id", nil, "contact, as source/id; may be repeated")
	cmd.Flags().StringArrayVar(&f.customers, "customer", nil, "customer's key; may be repeated")
	cmd.Flags().BoolVar(&f.json, "json", false, "print what was taken out as JSON")
	return cmd
}

func (c *cli) erase(ctx context.Context, cfg config.Config, f eraseFlags) error {
	if len(f.ids)+len(f.customers) == 0 {
		return usage("nothing to erase; name contacts with --id, or customers with --customer")
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "index", "format")); err != nil && !hasTables(cfg.Out) {
		return usage("neither an index in %s nor tables in %s; name the folders with --data and --out", cfg.Data, cfg.Out)
	}
	unlock, err := lock(ctx, cfg.Data)
	if errors.Is(err, index.ErrLocked) {
		return c.eraseElsewhere(ctx, cfg, f)
	}
	if err != nil {
		return err
	}
	k, closeAll, err := openKeeper(cfg, c.logger(cfg.Log))
	if err != nil {
		return errors.Join(err, unlock())
	}
	out, err := c.eraseBy(ctx, k, k.lab, f)
	if err = errors.Join(err, closeAll(), unlock()); err != nil {
		return err
	}
	return printErased(c.out, out, f.json)
}

// eraseElsewhere asks the process that holds the data folder.
func (c *cli) eraseElsewhere(ctx context.Context, cfg config.Config, f eraseFlags) error {
	keys, made, err := readKeys(cfg)
	if err != nil {
		return err
	}
	if made {
		return fmt.Errorf("there is no key of the hashes yet in %s; try again when koe has started", cfg.Data)
	}
	lab, err := newLabeller(cfg, keys)
	if err != nil {
		return err
	}
	client, err := web.Dial(ctx, cfg.Data)
	if err != nil {
		return err
	}
	out, err := c.eraseBy(ctx, client, lab, f)
	if err = errors.Join(err, client.Close()); err != nil {
		return err
	}
	return printErased(c.out, out, f.json)
}

func (c *cli) eraseBy(ctx context.Context, e web.Eraser, lab *labeller, f eraseFlags) (*web.Erased, error) {
	var r web.EraseRequest
	for _, id := range f.ids {
		source, rest, ok := strings.Cut(id, "/")
		if !ok || source == "" || rest == "" {
			return nil, usage("--id: write it as source/id, as koe search shows it")
		}
		r.IDs = append(r.IDs, lab.shown(source, rest))
	}
	for _, key := range f.customers {
		if key == "" {
			return nil, usage("--customer: the key is empty")
		}
		r.Customers = append(r.Customers, lab.masker.CustomerHashes(voc.NewRaw(key))...)
	}
	return e.Erase(ctx, r)
}

func printErased(w io.Writer, e *web.Erased, asJSON bool) error {
	if asJSON {
		return encode(w, e)
	}
	t := ui.Table{Header: []string{"erased from", "rows"}, Right: []bool{false, true}}
	for _, row := range []struct {
		name string
		n    int
	}{
		{"index", e.Index},
		{"contacts", e.Tables.Contacts},
		{"voices", e.Tables.Voices},
		{"deletions", e.Tables.Deletions},
		{"dead_letters", e.Tables.Dead},
		{"latest tables", e.Tables.Latest},
		{"weekly exports", len(e.Weekly)},
	} {
		t.Rows = append(t.Rows, []string{row.name, group(int64(row.n))})
	}
	return t.Write(w)
}
