package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline/voc"
)

// rebuilt is what koe rebuild prints.
type rebuilt struct {
	Contacts  int64   `json:"contacts"`
	Deleted   int64   `json:"deleted"`
	Positions int     `json:"positions"` // partitions whose end the index now knows
	Seconds   float64 `json:"seconds"`
}

func newRebuildCommand(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "make the index anew from the Parquet tables",
		Long: `rebuild reads the newest version of each contact, with its labels, out of the
tables, and puts a new index in the place of the one that is there, in one step.
It holds what the tables hold: koe run then reads on from where they end. What
was erased stays away. It needs the data folder for itself.
` + exitCodes,
		Example: `  koe rebuild
  koe rebuild --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if !hasTables(cfg.Out) {
				return usage("no tables in %s; name the folder that koe run or koe load wrote with --out", cfg.Out)
			}
			start := time.Now()
			r, err := rebuild(cmd.Context(), cfg, c.logger(cfg.Log))
			if err != nil {
				return err
			}
			r.Seconds = time.Since(start).Seconds()
			if asJSON {
				return encode(c.out, r)
			}
			_, err = fmt.Fprintf(c.out, "index   %s contacts, %s deleted, %d positions\n", group(r.Contacts), group(r.Deleted), r.Positions)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func rebuild(ctx context.Context, cfg config.Config, log *slog.Logger) (_ *rebuilt, err error) {
	unlock, err := lock(ctx, cfg.Data)
	if errors.Is(err, index.ErrLocked) {
		return nil, fmt.Errorf("%w; stop it first: an index that is in use is not replaced", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	keys, err := keepKeys(cfg)
	if err != nil {
		return nil, err
	}
	lab, err := newWords(cfg)
	if err != nil {
		return nil, err
	}
	set, err := openErased(cfg, keys)
	if err != nil {
		return nil, err
	}
	aside := filepath.Join(cfg.Data, "rebuild")
	if err := os.RemoveAll(aside); err != nil {
		return nil, fmt.Errorf("remove what an earlier rebuild left: %w", err)
	}
	x, err := index.Open(index.Options{Dir: aside, Location: cfg.Location(), Words: lab.words, Dict: lab.dict, Erased: set, Logger: log})
	if err != nil {
		return nil, err
	}
	r, err := fill(ctx, cfg, lab, x)
	if err = errors.Join(err, x.Close()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(aside))
	}
	return r, replaceIndex(filepath.Join(aside, "index"), filepath.Join(cfg.Data, "index"))
}

// fill puts into x what the tables hold.
func fill(ctx context.Context, cfg config.Config, lab *labeller, x *index.Index) (*rebuilt, error) {
	// The end of the ledger comes first: what a writer adds meanwhile is read
	// again from its topic, and counts once.
	positions, err := exports.Positions(cfg.Out)
	if err != nil {
		return nil, err
	}
	r := &rebuilt{Positions: len(positions)}
	return r, x.Fill(ctx, changes(ctx, cfg, lab, r), positions)
}

// changes yields what stands in the tables, and the deletes, so that an older
// version that comes late does not stand.
func changes(ctx context.Context, cfg config.Config, lab *labeller, r *rebuilt) iter.Seq2[voc.Applied, error] {
	return func(yield func(voc.Applied, error) bool) {
		for rec, err := range exports.Latest(ctx, cfg.Out) {
			if err == nil {
				err = lab.words.Apply(ctx, rec)
			}
			if err != nil {
				yield(voc.Applied{}, err)
				return
			}
			r.Contacts++
			if !yield(voc.Applied{ID: rec.ID, Revision: rec.Revision, Record: rec}, nil) {
				return
			}
		}
		for d, err := range exports.DeletionsIn(ctx, cfg.Out) {
			r.Deleted++
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

// replaceIndex puts a new index in the place of the old one, in one step, and
// removes the old one.
func replaceIndex(fresh, old string) error {
	aside := filepath.Dir(fresh)
	if _, err := os.Lstat(old); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(fresh, old); err != nil {
			return fmt.Errorf("put the new index in place: %w", err)
		}
	} else if err := exports.Exchange(fresh, old); err != nil {
		return fmt.Errorf("put the new index in place: %w; remove %s and rebuild again", err, old)
	}
	for _, dir := range []string{filepath.Dir(old), aside} {
		if err := syncDir(dir); err != nil {
			return fmt.Errorf("put the new index in place: %w", err)
		}
	}
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("remove the old index: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
