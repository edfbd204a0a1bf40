package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/testdata"
)

func TestMain(m *testing.M) {
	if os.Getenv("KOE_TEST_MAIN") != "" { // the program itself, for tests that signal it
		main()
	}
	testscript.Main(m, map[string]func(){"koe": main})
}

// setup gives a script a broker ($BROKER), a folder of its own and the files
// that examples name.
func setup(env *testscript.Env) error {
	broker, err := demo.StartBroker(2)
	if err != nil {
		return err
	}
	env.Defer(broker.Close)
	env.Setenv("BROKER", broker.Addrs()[0])
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("KOE_RUN_DRAIN", "5m") // a busy machine is no failure
	gold, err := testdata.Small()
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := range gold {
		b.Write(gold[i].Contact)
		b.WriteByte('\n')
	}
	files := map[string]string{
		"contacts.jsonl": b.String(),
		"notes.jsonl":    `{"id":"1","channel":"call","text":"佐野様より入電。090-1234-5678へ折電希望。"}` + "\n",
		"answers.csv":    "番号,回答日,よかった点,不便な点\r\n1,2026/10/1,店員が親切でした,\"駐車場が狭い\r\n遠い\"\r\n2,2026/10/2,なし,なし\r\n3,いつか,説明が丁寧,\r\n",
		"answers.yaml":   "mapping: koe.mapping/1\nsource: survey\nchannel: survey\nid: 番号\noccurred_at: 回答日\nno_answer: [なし]\nparts: [よかった点, 不便な点]\n",
	}
	for name, fixture := range map[string]string{
		"tickets.jsonl": "zendesk/03-form.json", "question.eml": "mail/01-iso-2022-jp.eml",
		"survey.csv": "mappings/survey.csv", "fasthelp.csv": "mappings/fasthelp.csv",
	} {
		data, err := os.ReadFile(filepath.Join("../../pipeline/decode/testdata", fixture))
		if err != nil {
			return err
		}
		files[name] = string(data)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times; run without -short")
	}
	scripts, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: setup, RequireExplicitExec: true})
}

// TestExamples runs every line of every command's example, as it stands, in a
// folder that holds the files it names and an index of the bundled contacts.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times; run without -short")
	}
	dir := t.TempDir()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() && !cmd.HasSubCommands() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		if cmd.Example != "" {
			name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
			if err := os.WriteFile(filepath.Join(dir, name+".txt"), []byte(exampleScript(cmd)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, sub := range cmd.Commands() {
			if sub.Name() != "help" && sub.Name() != "completion" {
				walk(sub)
			}
		}
	}
	walk(newRoot(&cli{}))
	testscript.Run(t, testscript.Params{Dir: dir, Setup: setup, RequireExplicitExec: true})
}

func exampleScript(cmd *cobra.Command) string {
	var b strings.Builder
	b.WriteString("exec koe --quiet load contacts.jsonl\nexec sh -c 'koe config print > koe.yaml'\n")
	for line := range strings.SplitSeq(cmd.Example, "\n") {
		line = strings.ReplaceAll(strings.TrimSpace(line), "127.0.0.1:9092", "$BROKER")
		switch cmd.Name() {
		case "run": // it runs until it is stopped, and a stop is no failure
			line = "KOE_KAFKA_BROKERS=$BROKER KOE_KAFKA_TOPICS=calls,chats " + line + " & p=$!; sleep 3; kill -TERM $p; wait $p"
		case "train": // minutes: .ci/run does it whole, and compares; here it is broken off
			line += " & p=$!; sleep 2; kill -INT $p; wait $p || [ $? = 130 ]"
		case "produce":
			line = "KOE_KAFKA_BROKERS=$BROKER " + line
		}
		b.WriteString("exec sh -ec '" + strings.ReplaceAll(line, "'", "''") + "'\n")
	}
	return b.String()
}

func TestEveryCommandTellsItsExitCodes(t *testing.T) {
	for _, cmd := range newRoot(&cli{}).Commands() {
		if !strings.Contains(cmd.Long, "Exit codes:") {
			t.Errorf("koe %s does not tell its exit codes", cmd.Name())
		}
	}
}
