package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/web"
)

func newBackupCommand(c *cli) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "copy index, tables and state into another folder, also while koe runs",
		Long: `backup copies the data folder to DIR/data and the tables to DIR/out. Each holds
exactly what lies below its own positions, so a koe that is started on the copies
reads on from there and neither loses nor doubles anything, as long as the topics
still have what came since.

To restore, stop koe and put the two folders in place of the old ones. The copy
holds the key of the hashes: keep it as safe as the folder itself. A contact that
was erased after the backup comes back with it: keep the newest state/erased of
the data folder, put it over the copy's, and the next koe run erases it again.
` + exitCodes,
		Example: `  koe backup --to ./backup`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if to == "" {
				return usage("no folder; name a new one with --to")
			}
			if to, err = filepath.Abs(to); err != nil {
				return &coded{exitUsage, err}
			}
			n, err := c.backup(cmd.Context(), cfg, to)
			if err != nil {
				return err
			}
			c.say("koe: %s files of tables, and the index, in %s", group(int64(n.Files)), to)
			return nil
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "new folder to write to")
	return cmd
}

func (c *cli) backup(ctx context.Context, cfg config.Config, to string) (*web.BackedUp, error) {
	unlock, err := lock(ctx, cfg.Data)
	if errors.Is(err, index.ErrLocked) {
		client, err := web.Dial(ctx, cfg.Data)
		if err != nil {
			return nil, err
		}
		n, err := client.Backup(ctx, to)
		return n, errors.Join(err, client.Close())
	}
	if err != nil {
		return nil, err
	}
	k, closeAll, err := openKeeper(cfg, c.logger(cfg.Log))
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	n, err := k.Backup(ctx, to)
	return n, errors.Join(err, closeAll(), unlock())
}

// Backup copies everything into a folder that is new or empty. Erasures wait
// meanwhile.
func (k *keeper) Backup(ctx context.Context, to string) (_ *web.BackedUp, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if names, err := os.ReadDir(to); err == nil && len(names) > 0 {
		return nil, fmt.Errorf("back up: %s is not empty; name a new folder", to)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("back up: %w", err)
	}
	out := &web.BackedUp{}
	if hasTables(k.cfg.Out) {
		tables, err := exports.OpenKeeper(ctx, exports.Options{FS: exports.Dir(k.cfg.Out), Location: k.cfg.Location()})
		if err != nil {
			return nil, err
		}
		dir := filepath.Join(to, "out")
		if err = os.MkdirAll(dir, 0o755); err == nil { //nolint:gosec // as the tables are
			out.Files, err = tables.Backup(ctx, exports.Dir(dir))
		}
		if err = errors.Join(err, tables.Close()); err != nil {
			return nil, fmt.Errorf("back up: %w", err)
		}
		if err := copyFolder(filepath.Join(k.cfg.Out, "weekly"), filepath.Join(dir, "weekly")); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(to, "data")
	for _, name := range []string{"dict", "state"} {
		if err := copyFolder(filepath.Join(k.cfg.Data, name), filepath.Join(data, name)); err != nil {
			return nil, err
		}
	}
	if k.index != nil {
		return out, k.index.Backup(data)
	}
	return out, nil
}

// copyFolder copies a folder if it is there.
func copyFolder(from, to string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return fmt.Errorf("back up %s: %w", from, err)
	}
	return nil
}
