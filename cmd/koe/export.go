package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports/weekly"
	"github.com/koe-voc/koe/pipeline/classify"
)

type weeklyFlags struct {
	week, to  string
	min       int
	sensitive bool
	json      bool
}

func newExportCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "hand findings on to other departments",
		Long: `export writes what other departments work with.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var f weeklyFlags
	week := &cobra.Command{
		Use:   "weekly",
		Short: "write the topics of a week as a workbook, CSV, Parquet and a manifest",
		Long: `weekly writes what customers said in a week (Monday to Sunday), by topic: product,
type, aspect and the word that the voices are about, with contacts, share, last
week, the mean of the four weeks before, first day, and three masked quotes with
record ids. It replaces an earlier export of the week in one step.

Quotes of contacts with an injury, a leak of personal data or a person who needs
care are kept out and counted, unless asked for.
` + exitCodes,
		Example: `  koe export weekly
  koe export weekly --week 2026-W45 --to ./weekly`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.exportWeekly(cmd.Context(), f) },
	}
	fl := week.Flags()
	fl.StringVar(&f.week, "week", "", "ISO week such as 2026-W45 (default: the last full one)")
	fl.StringVar(&f.to, "to", "", "folder to write to (default: weekly in the out folder)")
	fl.IntVar(&f.min, "min-contacts", weekly.DefaultOptions().MinContacts, "fold topics of fewer contacts into その他, without quotes")
	fl.BoolVar(&f.sensitive, "sensitive-quotes", false, "also quote contacts with an injury, a leak or a person who needs care")
	fl.BoolVar(&f.json, "json", false, "print the manifest")
	cmd.AddCommand(week, newThreadsCommand(c), newAliasesCommand(c))
	return cmd
}

func (c *cli) exportWeekly(ctx context.Context, f weeklyFlags) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	o := weekly.DefaultOptions()
	o.Location, o.MinContacts, o.Sensitive = cfg.Location(), f.min, f.sensitive
	if f.week != "" {
		if o.Week, err = weekly.ParseWeek(f.week); err != nil {
			return &coded{exitUsage, err}
		}
	}
	if f.min < 1 {
		return usage("--min-contacts %d: want 1 or more", f.min)
	}
	words, err := newWords(cfg)
	if err != nil {
		return err
	}
	if o.Taxonomy, err = classify.LoadTaxonomy(words.dict); err != nil {
		return err
	}
	r, err := openReader(ctx, cfg, c.logger(cfg.Log))
	if err != nil {
		return err
	}
	report, err := weekly.Build(ctx, r, o)
	if err = errors.Join(err, r.close()); err != nil {
		return err
	}
	to := f.to
	if to == "" {
		to = filepath.Join(cfg.Out, "weekly")
	}
	folder, m, err := report.Write(to, version())
	if err != nil {
		return err
	}
	if f.json {
		return encode(c.out, m)
	}
	t := ui.Table{Header: []string{"file", "topics", "bytes"}, Right: []bool{false, true, true}}
	for _, file := range m.Files {
		t.Rows = append(t.Rows, []string{filepath.Join(folder, file.Name), group(int64(file.Rows)), group(file.Bytes)})
	}
	if err := t.Write(c.out); err != nil {
		return err
	}
	c.say("koe: %s, %s to %s: %d topics, %d quotes, %d quotes withheld", m.Week, m.From, m.To, m.Topics, m.Quotes, m.Withheld)
	return nil
}
