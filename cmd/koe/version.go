package main

import (
	_ "embed" // for licenses.txt
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/dict"
)

// licenses is written by .ci/licenses.
//
//go:embed licenses.txt
var licenses string

func newVersionCommand(c *cli) *cobra.Command {
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "print versions, and the licences of what is inside",
		Long: `version prints the version of koe, of Go and of the definitions: the hash of
the dictionary, the rules and the masker, which every label carries.
` + exitCodes,
		Example: `  koe version
  koe version --licenses | head -3`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if all {
				_, err := io.WriteString(c.out, licenses)
				return err
			}
			cfg, err := c.config()
			if err != nil {
				return err
			}
			d, err := dict.Load(cfg.Dict)
			if err != nil {
				return err
			}
			v := versions{Koe: version(), Definition: definition(d), Dictionary: d.Version(), Go: runtime.Version()}
			if asJSON {
				return encode(c.out, v)
			}
			_, err = fmt.Fprintf(c.out, "koe %s\ndefinitions %s (dictionary %s)\n%s\n", v.Koe, v.Definition, v.Dictionary, v.Go)
			return err
		},
	}
	cmd.Flags().BoolVar(&all, "licenses", false, "print the licences of the libraries and dictionaries inside")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// version is the module's version, "devel" for a build from a checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

type versions struct {
	Koe        string `json:"koe"`
	Definition string `json:"definition_version"`
	Dictionary string `json:"dictionary_version"`
	Go         string `json:"go"`
}
