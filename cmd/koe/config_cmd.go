package main

import (
	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
)

func newConfigCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "show or check the configuration",
		Long: `The configuration is put together from flags, over environment variables
(KOE_KAFKA_GROUP for kafka.group), over a YAML file (--config, or koe.yaml in
the working folder), over defaults.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "print",
			Short: "write the merged configuration as a YAML file, secrets as ***",
			Example: `  koe config print > koe.yaml
  KOE_KAFKA_GROUP=voc koe config print`,
			Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				cfg, err := c.config()
				if err != nil {
					return err
				}
				return config.Print(c.out, cfg)
			},
		},
		&cobra.Command{
			Use:     "check",
			Short:   "say whether the configuration can be used",
			Example: `  koe config check --config koe.yaml`,
			Args:    cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				if _, err := c.config(); err != nil {
					return err
				}
				c.say("koe: the configuration is good")
				return nil
			},
		},
	)
	return cmd
}
