// Package weekly makes the export that product teams get each Monday: what
// customers said in a week, by topic, with counts against the weeks before and
// masked quotes, as a workbook, CSV and Parquet with a manifest.
//
// A topic is a product, a type, an aspect and the word that the voices are
// about. Package weekly counts and writes; it finds no voices, and it takes
// records from whoever yields them: the index, its client, or the tables.
package weekly
