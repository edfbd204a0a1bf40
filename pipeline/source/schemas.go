package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// SchemaConfig says where schemas are.
type SchemaConfig struct {
	From     string // http(s) address of a schema registry, or a folder of files ID.avsc and ID.json
	User     string // of the registry; empty: none
	Password string
	Timeout  time.Duration // of one request
	Retries  int           // of a request that got no answer
}

// Schemas gives schemas by their ids, from a registry that speaks Confluent's
// API or from a folder. It is safe for concurrent use and keeps nothing.
type Schemas struct {
	cfg    SchemaConfig
	base   *url.URL // nil: a folder
	client *http.Client
}

// maxSchema bounds a registry's answer; the largest schemas have some hundred KiB.
const maxSchema = 8 << 20

// NewSchemas checks the configuration and asks nothing yet.
func NewSchemas(c SchemaConfig) (*Schemas, error) {
	s := &Schemas{cfg: c, client: &http.Client{Timeout: c.Timeout}}
	if !strings.HasPrefix(c.From, "http://") && !strings.HasPrefix(c.From, "https://") {
		info, err := os.Stat(c.From)
		if err != nil {
			return nil, fmt.Errorf("schemas: %w; write the address of a registry (https://…) or a folder of files such as 7.avsc", err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("schemas: %s is no folder; write one that holds files such as 7.avsc", c.From)
		}
		return s, nil
	}
	base, err := url.Parse(c.From)
	if err != nil || base.Host == "" || base.User != nil {
		return nil, errors.New("schemas: write an address such as https://registry:8081, and the user and the password apart")
	}
	s.base = base
	return s, nil
}

// Schema returns the names and texts of the schema with that id and of those it
// refers to, these first.
func (s *Schemas) Schema(id int) ([][2]string, error) {
	if s.base == nil {
		return s.file(id)
	}
	var answer schemaAnswer
	if err := s.ask(&answer, "schemas", "ids", strconv.Itoa(id)); err != nil {
		return nil, err
	}
	var out [][2]string
	if err := s.references(answer.References, &out, 0); err != nil {
		return nil, err
	}
	return append(out, [2]string{strconv.Itoa(id), answer.Schema}), nil
}

func (s *Schemas) file(id int) ([][2]string, error) {
	for _, ext := range []string{".avsc", ".json"} {
		text, err := os.ReadFile(filepath.Join(s.cfg.From, strconv.Itoa(id)+ext))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read schema: %w", err)
		}
		return [][2]string{{strconv.Itoa(id), string(text)}}, nil
	}
	return nil, fmt.Errorf("no schema %d in %s", id, s.cfg.From)
}

type schemaAnswer struct {
	Schema     string            `json:"schema"`
	References []schemaReference `json:"references"`
}

type schemaReference struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

// maxReferences bounds how far schemas refer to each other.
const maxReferences = 16

func (s *Schemas) references(refs []schemaReference, out *[][2]string, depth int) error {
	if depth > maxReferences {
		return errors.New("schemas refer to each other without end")
	}
	for _, r := range refs {
		var answer schemaAnswer
		if err := s.ask(&answer, "subjects", r.Subject, "versions", strconv.Itoa(r.Version)); err != nil {
			return err
		}
		if err := s.references(answer.References, out, depth+1); err != nil {
			return err
		}
		*out = append(*out, [2]string{r.Name, answer.Schema})
	}
	return nil
}

// ask reads one answer of the registry; a request without an answer is tried
// again.
func (s *Schemas) ask(out any, path ...string) error {
	var err error
	for try := 0; try <= s.cfg.Retries; try++ {
		var again bool
		if again, err = s.askOnce(out, path); err == nil || !again {
			return err
		}
		pause(context.Background(), time.Duration(try+1)*200*time.Millisecond)
	}
	return err
}

func (s *Schemas) askOnce(out any, path []string) (again bool, err error) {
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.base.JoinPath(path...).String(), http.NoBody)
	if err != nil {
		return false, fmt.Errorf("ask the schema registry: %w", err)
	}
	req.Header.Set("Accept", "application/vnd.schemaregistry.v1+json, application/json")
	if s.cfg.User != "" {
		req.SetBasicAuth(s.cfg.User, s.cfg.Password)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return true, fmt.Errorf("ask the schema registry: %w", err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if res.StatusCode != http.StatusOK {
		return res.StatusCode >= http.StatusInternalServerError || res.StatusCode == http.StatusTooManyRequests,
			fmt.Errorf("the schema registry answers %s for %s", res.Status, strings.Join(path, "/"))
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxSchema)).Decode(out); err != nil {
		return false, fmt.Errorf("the schema registry's answer is no JSON: %w", err)
	}
	return false, nil
}
