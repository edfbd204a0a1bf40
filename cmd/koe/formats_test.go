package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// vendorFormats are the decoders that have fixtures, one message a file.
func vendorFormats() []string {
	return []string{
		decode.AmazonConnect, decode.Avro, decode.ContactLens, decode.Genesys, decode.JSONSchema, decode.Line, decode.Mail, decode.Salesforce, decode.X, decode.Zendesk,
	}
}

func fixtures(t *testing.T, name string) [][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("../../pipeline/decode/testdata", name, "[0-9]*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures of %s: %v", name, err)
	}
	var out [][]byte
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestKoeRunReadsEveryFormat(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program; run without -short")
	}
	broker, err := demo.StartBroker(1)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	readEveryFormat(t, broker.Addrs())
}

func TestRealKafkaEveryFormat(t *testing.T) {
	readEveryFormat(t, []string{pipelinetest.StartKafka(t).Addr})
}

// readEveryFormat sends the fixtures of each format through koe run, each by a
// topic of its own, twice over: the second time changes nothing, not even where a
// message was taken back in between.
func readEveryFormat(t *testing.T, brokers []string) {
	t.Helper()
	key, f := keyFile(t), newFolders(t)
	var topics []string
	rows := map[string]int{}
	for _, name := range vendorFormats() {
		topics = append(topics, "t-"+name+"="+name)
		rows[name] = produceFormat(t, brokers, name)
	}
	run := koe(t, f, key, "run", "--brokers", strings.Join(brokers, ","), "--topics", strings.Join(topics, ","), "--group", "g")
	run.Env = append(run.Env, "KOE_KAFKA_SCHEMAS_FROM="+schemaFolder(t))
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, run, f, key, "source:end", len(topics))
	stop(t, run)

	contacts, parquet, dead := map[string]int{}, map[string]int{}, map[string]int{}
	for r := range indexRecords(t, f.data) {
		contacts[r.Source]++
	}
	for r, err := range exports.Latest(t.Context(), f.out) {
		if err != nil {
			t.Fatal(err)
		}
		parquet[r.Source]++
	}
	for d, err := range exports.DeadLettersIn(t.Context(), f.out) {
		if err != nil {
			t.Fatal(err)
		}
		dead[d.Decoder]++
	}
	table := ui.Table{Header: []string{"format", "rows in", "contacts", "in Parquet", "dead letters"}, Right: []bool{false, true, true, true, true}}
	for _, name := range vendorFormats() {
		from := name
		switch name { // whose fixtures name a source of their own
		case decode.Avro:
			from = "bot"
		case decode.JSONSchema:
			from = "app"
		}
		table.Rows = append(table.Rows, []string{name, fmt.Sprint(rows[name]), fmt.Sprint(contacts[from]), fmt.Sprint(parquet[from]), fmt.Sprint(dead[name])})
	}
	sameTable(t, table, `
format          rows in  contacts  in Parquet  dead letters
amazon-connect       10         3           3             2
avro                 10         2           2             6
contact-lens          8         3           3             2
genesys              10         4           4             2
json-schema          10         1           1             8
line                 10         2           2             2
mail                 16         7           7             2
salesforce           10         2           2             2
x                    10         3           3             2
zendesk              10         2           2             2
`)
}

// produceFormat writes the fixtures of a format twice and, last, a contact that
// tells when they were read.
func produceFormat(t *testing.T, brokers []string, name string) int {
	t.Helper()
	k := source.DefaultConfig()
	k.Brokers = brokers
	if err := source.CreateTopics(t.Context(), k, 1, "t-"+name); err != nil {
		t.Fatal(err)
	}
	messages := fixtures(t, name)
	messages = append(messages, messages...)
	if _, err := source.Produce(t.Context(), k, "t-"+name, func(yield func(source.Record, error) bool) {
		for _, m := range messages {
			if !yield(source.Record{Value: m}, nil) {
				return
			}
		}
		yield(source.Record{
			Value:   []byte(`{"id":"end-` + name + `","source":"end","channel":"form","text":"終わり"}`),
			Headers: map[string]string{decode.Header: decode.Contact},
		}, nil)
	}); err != nil {
		t.Fatal(err)
	}
	return len(messages)
}

// schemaFolder holds the schemas of the fixtures.
func schemaFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"avro/schemas/7.avsc", "json-schema/schemas/8.json"} {
		text, err := os.ReadFile(filepath.Join("../../pipeline/decode/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(name)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// sameTable shows a table and compares it.
func sameTable(t *testing.T, table ui.Table, want string) {
	t.Helper()
	var b strings.Builder
	b.WriteByte('\n')
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

// TestKoeLoadReadsTables loads the tables of systems whose columns each site
// defines, with the mapping files beside them and with those that koe detect
// proposes.
func TestKoeLoadReadsTables(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program; run without -short")
	}
	key := keyFile(t)
	const dir = "../../pipeline/decode/testdata/mappings/"
	table := ui.Table{Header: []string{"table", "mapping", "rows in", "contacts", "empty", "dead letters"}, Right: []bool{false, false, true, true, true, true}}
	for _, name := range []string{"fasthelp", "miitel", "relation", "survey"} {
		for _, mapping := range []string{name + ".yaml", name + ".proposed.yaml"} {
			cmd := koe(t, newFolders(t), key, "load", dir+name+".csv", "--mapping", dir+mapping, "--json")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v\n%s", mapping, err, cmd.Stderr)
			}
			var l loaded
			if err := json.Unmarshal(out, &l); err != nil {
				t.Fatal(err)
			}
			table.Rows = append(table.Rows, []string{name, mapping, fmt.Sprint(l.Rows), fmt.Sprint(l.Contacts), fmt.Sprint(l.Empty), fmt.Sprint(l.Dead)})
		}
	}
	sameTable(t, table, `
table     mapping                 rows in  contacts  empty  dead letters
fasthelp  fasthelp.yaml                 6         4      0             2
fasthelp  fasthelp.proposed.yaml        6         4      0             2
miitel    miitel.yaml                   4         3      1             0
miitel    miitel.proposed.yaml          4         3      1             0
relation  relation.yaml                 4         4      0             0
relation  relation.proposed.yaml        4         4      0             0
survey    survey.yaml                   5         3      1             1
survey    survey.proposed.yaml          5         3      1             1
`)
}

// indexRecords is every record of the index.
func indexRecords(t *testing.T, data string) func(func(*voc.Record) bool) {
	t.Helper()
	cfg := config.Default()
	words, err := newWords(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(*voc.Record) bool) {
		x, err := index.Open(index.Options{Dir: data, Location: cfg.Location(), Words: words.words, Dict: words.dict})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		}()
		for r, err := range x.Records(t.Context(), "", "") {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(r) {
				return
			}
		}
	}
}
