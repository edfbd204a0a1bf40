package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/koe-voc/koe/cmd/koe/demo"
	"github.com/koe-voc/koe/pipeline/source"
)

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestMonitoringSeesWhatARunDoes(t *testing.T) {
	broker, err := demo.StartBroker(1)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	cfg := fresh(t)
	cfg.Kafka.Brokers, cfg.Metrics.Listen = broker.Addrs(), "127.0.0.1:0"
	send(t, cfg,
		source.Record{Key: []byte("crm/1"), Value: []byte(`{"id":"1","source":"crm","channel":"call","note":"佐野様より入電。090-1234-5678。担当者の態度が横柄だったとのこと。"}`)},
		source.Record{Key: []byte("crm/2"), Value: []byte(`{"id":"2","source":"crm","channel":"call","nps":99,"note":"鍋が届かない。"}`)},
		source.Record{Key: []byte("crm/3"), Value: []byte(`{"id":"3","source":"crm","channel":"call"}`)},
	)
	log, m := slog.New(slog.DiscardHandler), newMetrics()
	src, dec, err := kafkaSource(cfg, log, m.hooks())
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEngine(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	e.observe = m.observe
	r, err := e.runner(src, dec, 0)
	if err != nil {
		t.Fatal(err)
	}
	at, unlisten, err := e.show(t.Context(), m, r)
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + at
	if status, _ := get(t, url+"/healthz"); status != http.StatusOK {
		t.Errorf("healthz before the start: %d", status)
	}
	if status, text := get(t, url+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, "resumed") {
		t.Errorf("readyz before the start: %d %s", status, text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	counts(t, e, "", 1)
	durable := "\nkoe_sink_position{partition=\"0\",sink=\"index\",topic=\"calls\"} 3"
	for range 300 { // the index is durable a second or so after it is searchable
		if _, text := get(t, url+"/metrics"); strings.Contains(text, durable) {
			break
		}
		<-time.After(100 * time.Millisecond)
	}
	if status, _ := get(t, url+"/readyz"); status != http.StatusOK {
		t.Errorf("readyz while it reads: %d", status)
	}
	_, text := get(t, url+"/metrics")
	for _, want := range []string{
		"koe_messages_consumed_total 3", "koe_messages_decoded_total 2", "koe_messages_empty_total 1", "koe_contacts_total 1",
		`koe_dead_letters_total{reason="value"} 1`, `koe_masked_total{kind="phone"} 1`, `koe_masked_total{kind="person"} 1`,
		`koe_voices_total{type="complaint"} 1`, `koe_voices_total{type="praise"} 0`, "koe_contacts_unclassified_total 0",
		`koe_sink_position{partition="0",sink="index",topic="calls"} 3`, `koe_log_end{partition="0",topic="calls"} 3`,
		`koe_lag_messages{partition="0",sink="index",topic="calls"} 0`, `koe_lag_messages{partition="0",sink="exports",topic="calls"} 3`,
		`koe_operation_seconds_count{operation="write",sink="index"}`, "koe_ready 1", "koe_brokers_up 1", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("no line %s", want)
		}
	}
	if strings.Contains(text, "crm") || strings.Contains(text, "鍋") {
		t.Error("a metric quotes a contact")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if status, _ := get(t, url+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readyz after the end: %d", status)
	}
	_, text = get(t, url+"/metrics")
	if want := `koe_lag_messages{partition="0",sink="exports",topic="calls"} 0`; !strings.Contains(text, want) {
		t.Errorf("after the drain, no line %s", want)
	}
	for _, closing := range []func() error{unlisten, src.Close, e.close} {
		if err := closing(); err != nil {
			t.Error(err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	opsNameOnlyWhatExists(t, text)
}

// opsNameOnlyWhatExists holds the dashboard and the alert rules to the metrics
// of a scrape.
func opsNameOnlyWhatExists(t *testing.T, scrape string) {
	t.Helper()
	exists := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(scrape, -1) {
		exists[line[1]] = true
		if line[2] == "histogram" {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				exists[line[1]+suffix] = true
			}
		}
	}
	for name := range described() {
		exists[name] = true // one with labels shows only when something happens
	}
	for _, name := range []string{"koe_operation_errors_total"} {
		exists[name] = true
	}
	named := regexp.MustCompile(`\b(?:koe|go|process)_[a-z_]+\b`)
	var all []string
	for _, expr := range append(dashboardExpressions(t), alertExpressions(t)...) {
		for _, name := range named.FindAllString(expr, -1) {
			if all = append(all, name); !exists[name] {
				t.Errorf("%s does not exist, but stands in %s", name, expr)
			}
		}
	}
	// What is shown nowhere is looked at by nobody.
	for name := range described() {
		if !slices.Contains(all, name) {
			t.Errorf("%s is on no panel and in no rule", name)
		}
	}
}

func dashboardExpressions(t *testing.T) (out []string) {
	t.Helper()
	text, err := os.ReadFile("../../.github/ops/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			out = append(out, target.Expr)
		}
	}
	if len(out) < 10 {
		t.Errorf("the dashboard has %d expressions", len(out))
	}
	return out
}

func alertExpressions(t *testing.T) (out []string) {
	t.Helper()
	text, err := os.ReadFile("../../.github/ops/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var a struct {
		Groups []struct {
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	dec.KnownFields(false)
	if err := dec.Decode(&a); err != nil {
		t.Fatal(err)
	}
	for _, g := range a.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Annotations["do"] == "" || !slices.Contains([]string{"page", "warn"}, r.Labels["severity"]) {
				t.Errorf("rule %s is not whole", fmt.Sprint(r))
			}
			out = append(out, r.Expr)
		}
	}
	if len(out) < 8 {
		t.Errorf("there are %d rules", len(out))
	}
	return out
}
