package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/mask"
)

func newAliasesCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "aliases",
		Short: "write the table of the hashes that a change of the key has made old",
		Long: `aliases writes the table aliases: every hash of a customer or an agent that stands
in the contacts and was made with an older key, and what it has become. Join
contacts with it to count customers over a change of the key.
` + exitCodes,
		Example: `  koe export aliases`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if !hasTables(cfg.Out) {
				return usage("there are no tables in %s; name the folder with --out", cfg.Out)
			}
			keys, _, err := readKeys(cfg)
			if err != nil {
				return err
			}
			return c.exportAliases(cmd.Context(), cfg, keys)
		},
	}
}

func (c *cli) exportAliases(ctx context.Context, cfg config.Config, keys mask.Keys) error {
	k, err := exports.OpenKeeper(ctx, exports.Options{FS: exports.Dir(cfg.Out), Location: cfg.Location()})
	if err != nil {
		return err
	}
	n, err := k.WriteAliases(ctx, keys.Current)
	if err = errors.Join(err, k.Close()); err != nil {
		return err
	}
	c.say("koe: %d hashes of older keys in the table %s", n, exports.Aliases)
	return nil
}
