package exports

import (
	"embed"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/parquet-go/parquet-go"
)

//go:embed statements
var statements embed.FS

// Statement is text to paste into another program.
type Statement struct {
	Reader string // duckdb, spark, pyarrow or polars
	Text   string
}

// Statements returns, for each reader that koe is tested with, the lines that
// define contacts (the newest version of each that was not deleted after it)
// and voices (those that join contacts on id and revision) over the files under
// dir. Options for columns that were added later are in. A table that has no
// file yet is left out, because DuckDB and polars refuse an empty glob.
func Statements(dir string) ([]Statement, error) {
	l, err := readFormat(Dir(dir))
	if err != nil {
		return nil, fmt.Errorf("read the tables' format: %w", err)
	}
	if l.zone == "" {
		return nil, fmt.Errorf("no tables in %s; run koe run or koe load with --out %s first", dir, dir)
	}
	deleted, err := tableFiles(Dir(dir), Deletions)
	if err != nil {
		return nil, err
	}
	voiced, err := tableFiles(Dir(dir), Voices)
	if err != nil {
		return nil, err
	}
	all, err := template.ParseFS(statements, "statements/*")
	if err != nil {
		return nil, fmt.Errorf("parse statements: %w", err)
	}
	data := struct {
		Out, Zone         string
		Deletions, Voices bool
	}{filepath.ToSlash(filepath.Clean(dir)), l.zone, len(deleted) > 0, len(voiced) > 0}
	if strings.ContainsAny(data.Out, "'\"\\\n") {
		return nil, fmt.Errorf("the folder %s has a quotation mark or a backslash in its name; name it otherwise to paste it", dir)
	}
	var out []Statement
	for _, name := range []string{"duckdb.sql", "spark.py", "pyarrow.py", "polars.py"} {
		var b strings.Builder
		if err := all.ExecuteTemplate(&b, name, data); err != nil {
			return nil, fmt.Errorf("write statements: %w", err)
		}
		reader, _, _ := strings.Cut(name, ".")
		out = append(out, Statement{reader, b.String()})
	}
	return out, nil
}

// Schema returns the columns of a table as Parquet writes them down.
func Schema(table string) (string, error) {
	switch table {
	case Contacts:
		return parquet.SchemaOf(contactRow{}).String(), nil
	case Voices:
		return parquet.SchemaOf(voiceRow{}).String(), nil
	case DeadLetters:
		return parquet.SchemaOf(deadRow{}).String(), nil
	case Deletions:
		return parquet.SchemaOf(deletionRow{}).String(), nil
	case Threads:
		return parquet.SchemaOf(Thread{}).String(), nil
	case Aliases:
		return parquet.SchemaOf(Alias{}).String(), nil
	}
	return "", fmt.Errorf("no table %q", table)
}
