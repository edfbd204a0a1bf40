package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
)

// detectRows is the number of rows that koe detect looks at: enough to tell a
// list of values from words, and read in a moment.
const detectRows = 1000

func newDetectCommand(c *cli) *cobra.Command {
	var o source.FileOptions
	cmd := &cobra.Command{
		Use:   "detect FILE",
		Short: "propose a mapping file for a CSV, TSV or xlsx file",
		Long: `detect looks at a file that nobody has described: its encoding, where the header
stands, which columns hold the words, the time, the id and the rest. It writes a
mapping file to stdout for a person to read and correct; koe load --mapping takes
it as it is. Columns that look like names, telephone numbers, mail addresses or
addresses are left out, and said to be.
` + exitCodes,
		Example: `  koe detect answers.csv
  koe detect answers.csv > proposed.yaml && koe load answers.csv --mapping proposed.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.detect(cmd.Context(), args[0], o) },
	}
	cmd.Flags().StringVar(&o.Format, "format", "", "csv, tsv or xlsx (default: by the file's name)")
	return cmd
}

func (c *cli) detect(ctx context.Context, path string, o source.FileOptions) error {
	s, err := source.ReadSample(ctx, path, o, detectRows)
	if err != nil {
		return &coded{exitUsage, err}
	}
	yaml, err := decode.Propose(sourceName(path), s.Encoding, s.Rows)
	if err != nil {
		return &coded{exitUsage, fmt.Errorf("%s: %w", path, err)}
	}
	if _, err := c.out.Write(yaml); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	c.say("koe: looked at the first %d rows; check the columns before you load the file", len(s.Rows))
	return nil
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// sourceName makes a source out of a file's name.
func sourceName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name = strings.Trim(notInName.ReplaceAllString(name, "-"), "-._0123456789")
	if name == "" {
		return "file"
	}
	return strings.ToLower(name)
}
