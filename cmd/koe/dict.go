package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/dict/lint"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/testdata"
)

func newDictCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dict",
		Short: "check the dictionary",
		Long: `dict looks after the definitions: the built-in dictionary and the site's own
folder of --dict, laid over it.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDictLintCommand(c))
	return cmd
}

func newDictLintCommand(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "find entries that are wrong or of no use",
		Long: `lint reads the built-in dictionary with the folder of --dict laid over it and
prints, by file and line, what a careful reader would mark:

  duplicate      an entry, or a word in it, that stands twice
  contradiction  one word or pattern that says opposite things
  unreachable    an entry that another hides, that a void covers, that asks for
                 what it forbids, or that the tokeniser never yields in the
                 bundled contacts, though its letters stand there
  look-alike     half-width kana, full-width letters, カ for 力, ー for 一, ベ for べ

An error is an entry that does not do what it says; it makes lint fail. A warning
is likely of no use, or only looks wrong. A dictionary that cannot be loaded at
all is told as every command tells it.
` + exitCodes,
		Example: `  koe dict lint
  koe dict lint --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.lint(asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func (c *cli) lint(asJSON bool) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	l, err := newWords(cfg)
	if err != nil {
		return err
	}
	if _, err := classify.NewRules(l.dict); err != nil { // what the loader refuses needs no lint
		return err
	}
	var site fs.FS
	if cfg.Dict != "" {
		site = os.DirFS(cfg.Dict)
	}
	sample, err := sampleTexts()
	if err != nil {
		return err
	}
	found, err := lint.Check(l.dict, dict.Builtin(), site, l.words, sample)
	if err != nil {
		return err
	}
	wrong := 0
	for i := range found {
		f := &found[i]
		if f.Severity == lint.Error {
			wrong++
		}
		if asJSON {
			if err := encode(c.out, f); err != nil {
				return err
			}
			continue
		}
		where := f.File
		if !f.Site {
			where += " (built in)"
		}
		if _, err := fmt.Fprintf(c.out, "%s line %d (%s): %s: %s: %s; %s\n", where, f.Line, f.ID, f.Severity, f.Check, f.Text, f.Todo); err != nil {
			return err
		}
	}
	c.say("koe: %d errors, %d warnings", wrong, len(found)-wrong)
	if wrong > 0 {
		return fmt.Errorf("the dictionary has %d errors; each line above says what to do", wrong)
	}
	return nil
}

// sampleTexts are the words of the bundled gold contacts. They are written for
// koe: nothing in them needs a mask.
func sampleTexts() ([]string, error) {
	gold, err := testdata.Gold()
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range gold {
		texts, err := textsOf(&gold[i])
		if err != nil {
			return nil, err
		}
		out = append(out, texts...)
	}
	return out, nil
}
