package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/koe-voc/koe/cmd/koe/config"
)

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "koe.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFlagOverEnvironmentOverFileOverDefault(t *testing.T) {
	file := write(t, "data: from-file\nout: from-file\nkafka: {group: from-file, brokers: [a:1, b:2]}\nrun: {drain: 3s}\n")
	t.Setenv("KOE_OUT", "from-env")
	t.Setenv("KOE_KAFKA_GROUP", "from-env")
	flags := pflag.NewFlagSet("t", pflag.ContinueOnError)
	flags.String("group", "flag-default", "")
	flags.String("data", "flag-default", "")
	if err := flags.Parse([]string{"--group", "from-flag"}); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, map[string]*pflag.Flag{"kafka.group": flags.Lookup("group"), "data": flags.Lookup("data")})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Data, c.Out, c.Kafka.Group, strings.Join(c.Kafka.Brokers, " "), c.Zone, c.Run.Drain.String()}
	want := []string{"from-file", "from-env", "from-flag", "a:1 b:2", "Asia/Tokyo", "3s"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestBadFilesSayWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"datta: x":                      "datta",
		"kafka: {groop: x}":             "groop",
		"zone: Asia/Edo":                "zone",
		"sinks: indx":                   "write index, exports or both",
		"log: {level: loud}":            "log.level",
		"run: {drain: soon}":            "drain",
		"kafka: {sasl: {mechanism: x}}": "kafka.sasl.mechanism",
		"exports: {max_rows: 0}":        "exports.max_rows",
		"data: [1":                      "read configuration",
	} {
		if _, err := config.Load(write(t, text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one that names %s", text, err, want)
		}
	}
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Error("a named file that is not there was passed over")
	}
}

func TestPrintIsReadBackAndHidesSecrets(t *testing.T) {
	c := config.Default()
	c.Run.Drain, c.Kafka.Topics = 90*time.Second, []string{"a=call"}
	var b strings.Builder
	if err := config.Print(&b, c); err != nil {
		t.Fatal(err)
	}
	back, err := config.Load(write(t, b.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, back); d != "" {
		t.Error(d)
	}
	c.Kafka.SASL.Password = "hunter2"
	b.Reset()
	if err := config.Print(&b, c); err != nil || strings.Contains(b.String(), "hunter2") || !strings.Contains(b.String(), "***") {
		t.Error("the password is printed")
	}
}

func TestEveryFieldHasADoc(t *testing.T) {
	var walk func(reflect.Type, string)
	walk = func(s reflect.Type, path string) {
		for f := range s.Fields() {
			if f.Tag.Get("doc") == "" || f.Tag.Get("mapstructure") == "" {
				t.Errorf("%s.%s has no doc or key", path, f.Name)
			}
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, path+"."+f.Name)
			}
		}
	}
	walk(reflect.TypeFor[config.Config](), "Config")
}

func TestPasswordFile(t *testing.T) {
	pw := write(t, "s3cret\n")
	c, err := config.Load(write(t, "kafka: {sasl: {mechanism: plain, user: u, password_file: "+pw+"}}"), nil)
	if err != nil || c.Kafka.SASL.Password != "s3cret" {
		t.Errorf("password %q, error %v", c.Kafka.SASL.Password, err)
	}
}
