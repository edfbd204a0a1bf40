package source_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/source"
)

func TestSchemasOfARegistry(t *testing.T) {
	failures := 1
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case user != "koe" || password != "secret":
			w.WriteHeader(http.StatusUnauthorized)
		case failures > 0:
			failures--
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/base/schemas/ids/7":
			_, _ = w.Write([]byte(`{"schema":"{\"type\":\"record\"}","references":[{"name":"jp.Turn","subject":"turn value","version":3}]}`))
		case r.URL.EscapedPath() == "/base/subjects/turn%20value/versions/3":
			_, _ = w.Write([]byte(`{"schema":"\"string\"","id":6}`))
		case r.URL.Path == "/base/schemas/ids/8":
			_, _ = w.Write([]byte(`nonsense`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	s, err := source.NewSchemas(source.SchemaConfig{From: server.URL + "/base", User: "koe", Password: "secret", Timeout: time.Minute, Retries: 2})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Schema(7)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][2]string{{"jp.Turn", `"string"`}, {"7", `{"type":"record"}`}}, got); d != "" {
		t.Error(d)
	}
	for id, want := range map[int]string{8: "no JSON", 9: "404"} {
		if _, err := s.Schema(id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("schema %d: %v, want %s", id, err, want)
		}
	}
	wrong, err := source.NewSchemas(source.SchemaConfig{From: server.URL, Timeout: time.Minute, Retries: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.Schema(7); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a password: %v", err)
	}
	server.Close()
	if _, err := s.Schema(7); err == nil {
		t.Error("the registry is gone: no error")
	}
}

func TestSchemasOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"7.avsc": `"string"`, "8.json": `{}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := source.NewSchemas(source.SchemaConfig{From: dir})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int]string{7: `"string"`, 8: `{}`} {
		if got, err := s.Schema(id); err != nil || got[0][1] != want {
			t.Errorf("schema %d: %v, %v", id, got, err)
		}
	}
	if _, err := s.Schema(9); err == nil || !strings.Contains(err.Error(), "no schema 9") {
		t.Errorf("schema 9: %v", err)
	}
	for _, from := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "8.json"), "http://koe:secret@registry", "http://"} {
		if _, err := source.NewSchemas(source.SchemaConfig{From: from}); err == nil || !strings.Contains(err.Error(), "write") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", from, err)
		}
	}
}
