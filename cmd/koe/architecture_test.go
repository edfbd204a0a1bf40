package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/koe-voc/koe/"

// levels holds every package of the module: imports point to lower levels
// only, so the graph has no cycles and data flows one way.
func levels() map[string]int {
	return map[string]int{
		"cmd/koe": 6, "cmd/koe/demo": 5, "cmd/koe/bench": 5, "cmd/koe/config": 5, "cmd/koe/ui": 5,
		"index/web": 4, "exports/weekly": 4,
		"index/mine": 3,
		"index":      2, "pipeline/mask": 2,
		"pipeline": 1, "pipeline/source": 1, "pipeline/decode": 1, "pipeline/morph": 1, "pipeline/chunk": 1, "pipeline/classify": 1, "pipeline/eval": 1, "pipeline/erased": 1,
		"exports": 1, "index/query": 1, "index/segment": 1, "dict/lint": 1,
		"pipeline/voc": 0, "pipeline/model": 0, "pipeline/durable": 0, "dict": 0, "testdata": 0,
	}
}

type pkg struct {
	ImportPath string   `json:"ImportPath"`
	Dir        string   `json:"Dir"`
	GoFiles    []string `json:"GoFiles"`
	Imports    []string `json:"Imports"`
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
	if len(all) < 15 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

func TestImportsPointDown(t *testing.T) {
	level := levels()
	only := map[string][]string{ // who may import what
		"github.com/segmentio/kafka-go":                  {"pipeline/source"},
		"github.com/prometheus/client_golang/prometheus": {"cmd/koe"},
		"github.com/spf13/viper":                         {"cmd/koe/config"},
		"github.com/spf13/cobra":                         {"cmd/koe"},
		"github.com/twmb/franz-go/pkg/kfake":             {"cmd/koe/demo", "pipeline/pipelinetest"},
		"github.com/blevesearch/bleve/v2":                {"index"},
		"github.com/parquet-go/parquet-go":               {"exports", "exports/weekly"},
		module + "pipeline":                              {"cmd/koe", "pipeline/pipelinetest"},
		module + "pipeline/pipelinetest":                 {},
		"github.com/ikawaha/kagome-dict/ipa":             {"pipeline/morph", "cmd/koe/bench"},
		"github.com/ikawaha/kagome/v2/tokenizer":         {"cmd/koe/bench"},
		"github.com/xuri/excelize/v2":                    {"pipeline/source", "exports/weekly"},
		"github.com/schollz/progressbar/v3":              {"cmd/koe/ui"},
		"github.com/klauspost/compress/zstd":             {"index"},
		"gopkg.in/yaml.v3":                               {"dict", "pipeline/decode", "cmd/koe/demo"},
		"github.com/RoaringBitmap/roaring/v2":            {"index", "index/segment"},
		"github.com/blevesearch/zapx/v17":                {"index/segment"},

		"github.com/emersion/go-message":           {"pipeline/decode"},
		"github.com/hamba/avro/v2":                 {"pipeline/decode"},
		"github.com/santhosh-tekuri/jsonschema/v6": {"pipeline/decode"},
		"golang.org/x/net/html":                    {"pipeline/decode"},
	}
	for _, p := range packages(t) {
		if p.ImportPath == "pipeline/pipelinetest" {
			continue // for tests only: it may import anything
		}
		at, ok := level[p.ImportPath]
		if !ok {
			t.Errorf("%s has no level", p.ImportPath)
		}
		for _, imp := range p.Imports {
			if who, ok := only[imp]; ok && !slices.Contains(who, p.ImportPath) {
				t.Errorf("%s imports %s, which is for %v", p.ImportPath, imp, who)
			}
			if rel, own := strings.CutPrefix(imp, module); own && level[rel] >= at {
				t.Errorf("%s (level %d) imports %s (level %d)", p.ImportPath, at, rel, level[rel])
			}
		}
		if p.ImportPath == "pipeline/voc" {
			for _, imp := range p.Imports {
				if strings.Contains(imp, ".") {
					t.Errorf("pipeline/voc imports %s; it takes the standard library only", imp)
				}
			}
		}
	}
}

func TestEveryPackageHasOneDocComment(t *testing.T) {
	for _, p := range packages(t) {
		var with []string
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if file.Doc != nil {
				with = append(with, f)
			}
		}
		if len(with) != 1 {
			t.Errorf("%s has a package comment in %v, want it in one file", p.ImportPath, with)
		}
	}
}

func TestOnlyTheMaskerReveals(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == "pipeline/mask" || p.ImportPath == "pipeline/voc" {
			continue
		}
		for _, f := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(text, []byte(".Reveal()")) {
				t.Errorf("%s/%s reveals raw text", p.ImportPath, f)
			}
		}
	}
}

func TestEveryModuleInsideHasItsLicence(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Skip("the test binary has no build information")
	}
	have := regexp.MustCompile(`(?m)^==== (\S+) (\S+)$`).FindAllStringSubmatch(licenses, -1)
	if len(have) < 20 {
		t.Fatalf("licenses.txt names %d modules", len(have))
	}
	versions := map[string]string{}
	for _, d := range info.Deps {
		versions[d.Path] = d.Version
	}
	for _, h := range have {
		if v, linked := versions[h[1]]; linked && v != h[2] {
			t.Errorf("licenses.txt has %s %s, the build has %s; run .ci/licenses", h[1], h[2], v)
		}
	}
}
