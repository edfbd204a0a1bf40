package main

import (
	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/pipeline/decode"
)

func newFormatsCommand(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "formats",
		Short: "list the formats of messages that koe reads",
		Long: `formats lists the decoders by the names under which a topic is given to one
(kafka.topics: calls=call,tickets=zendesk), a message chooses one (header
koe-decoder) and koe load and koe produce are told one (--decoder). What each
reads and drops, field by field, stands in its comment: go doc -u
./pipeline/decode zendesk.

CSV, TSV, xlsx and other JSON Lines are read with a mapping file; koe detect
proposes one.
` + exitCodes,
		Example: `  koe formats
  koe formats --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return encode(c.out, decode.Formats())
			}
			var t ui.Table
			for _, f := range decode.Formats() {
				t.Rows = append(t.Rows, []string{f.Name, f.Reads})
			}
			return t.Write(c.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return cmd
}
