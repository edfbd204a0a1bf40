package decode

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"gopkg.in/yaml.v3"
)

const schemaMapping = "koe.mapping/1"

// Layout says how a file that a mapping is for is laid out.
type Layout struct {
	Sheet    string `yaml:"sheet"`     // of a workbook; empty: the first
	SkipRows int    `yaml:"skip_rows"` // rows above the header
	Encoding string `yaml:"encoding"`  // utf-8, utf-16 or cp932; empty: found out
}

// Mapping turns rows and objects into contacts of schema v1. It is immutable
// and safe for concurrent use.
type Mapping struct {
	spec spec
	zone *time.Location
	hash string
	none map[string]bool // NoAnswer
}

// spec is the file as written.
type spec struct {
	Mapping     string            `yaml:"mapping"`
	Layout      Layout            `yaml:",inline"`
	Escapes     bool              `yaml:"escapes"`
	ShortRows   bool              `yaml:"short_rows"`
	Zone        string            `yaml:"zone"`
	NoAnswer    []string          `yaml:"no_answer"`
	Source      fixed             `yaml:"source"`
	Channel     fixed             `yaml:"channel"`
	Direction   fixed             `yaml:"direction"`
	ID          names             `yaml:"id"`
	OccurredAt  moment            `yaml:"occurred_at"`
	EndedAt     moment            `yaml:"ended_at"`
	UpdatedAt   moment            `yaml:"updated_at"`
	CustomerKey column            `yaml:"customer_key"`
	ThreadID    column            `yaml:"thread_id"`
	Product     column            `yaml:"product"`
	Lot         column            `yaml:"lot"`
	Shop        column            `yaml:"shop"`
	Queue       column            `yaml:"queue"`
	AgentKey    column            `yaml:"agent_key"`
	Disposition column            `yaml:"disposition"`
	Categories  []names           `yaml:"categories"`
	Attrs       map[string]column `yaml:"attrs"`
	NPS         column            `yaml:"nps"`
	CSAT        column            `yaml:"csat"`
	Handling    map[string]column `yaml:"handling"`
	Turns       *turns            `yaml:"turns"`
	Note        names             `yaml:"note"`
	Answer      names             `yaml:"answer"`
	Parts       []part            `yaml:"parts"`
	Text        names             `yaml:"text"`
}

// column is a column with a map of its values; a scalar is its name.
type column struct {
	Column string            `yaml:"column"`
	Values map[string]string `yaml:"values"`
}

// fixed is a constant (a scalar) or a column.
type fixed struct {
	Const   string            `yaml:"const"`
	Column  string            `yaml:"column"`
	Values  map[string]string `yaml:"values"`
	Default string            `yaml:"default"`
}

// names is one column or a list of them.
type names []string

// moment is a time in one column (a scalar) or several.
type moment struct {
	Columns names    `yaml:"columns"`
	Formats []string `yaml:"formats"`
	Day     int      `yaml:"day"`
}

// part is a column of answers; a scalar is its name.
type part struct {
	Column         string `yaml:"column"`
	Question       string `yaml:"question"`
	QuestionColumn string `yaml:"question_column"`
}

// turns are the elements of an array in a JSON object.
type turns struct {
	Path     string            `yaml:"path"`
	Speaker  string            `yaml:"speaker"`
	Text     string            `yaml:"text"`
	At       string            `yaml:"at"`
	Speakers map[string]string `yaml:"speakers"`
}

// ParseMapping reads a mapping file. name stands in errors only.
//
// The file is YAML; unknown keys are an error. A column is named by its header;
// name#2 is the second column of that name and column#7 the seventh column,
// whatever its header. In JSON Lines a column is a path: "customer.plan",
// "items.0.name".
//
//	mapping: koe.mapping/1
//	sheet, skip_rows, encoding    see Layout
//	escapes: true                 \n, \t and \\ in cells stand for a line break, a tab and a backslash
//	short_rows: true              a row may have fewer cells than the header (else it is a dead letter)
//	zone: Asia/Tokyo              the default; of times without a zone
//	no_answer: ["-", なし]         a cell that holds one of these and nothing else is empty
//
//	source: crm                   a constant, or {column, values: {a: b}, default}
//	channel: form                 likewise, required
//	direction: inbound            likewise
//	id: [受付番号, 枝番]            joined by "-"; absent: a hash of the row, with an ordinal for equal rows
//	occurred_at: 受付日時           or {columns: [受付日, 時刻], formats: [ymd], day: 15}; ended_at, updated_at likewise
//	nps: NPS                      or {column, values: {満足: 9}}; csat likewise
//	product: 商品名                or {column, values}; customer_key, thread_id, lot, shop, queue, agent_key, disposition likewise
//	categories: [[大分類, 小分類]]  each a path
//	attrs: {年代: 年齢}             attribute: column
//	handling: {talk_seconds: 通話}
//
//	text: 内容                     columns joined by a line break; note and answer likewise
//	parts: [理由, {column: 理由#2, question: …}, {column: 回答, question_column: 設問}]
//	turns: {path: turns, speaker: speaker, text: text, at: time, speakers: {user: customer}}
//
// Formats of times: rfc3339, ymd, wareki, month and excel are tried unless the
// mapping names some; dmy, mdy, unix and unix_ms have to be named. day stands
// in where only a month is given. A cell that cannot be read is passed on as it
// is, so that the schema's decoder names the field in a dead letter. A value
// that a map does not list stays as it is.
func ParseMapping(name string, data []byte) (*Mapping, error) {
	m := &Mapping{none: map[string]bool{}}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&m.spec); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("mapping %s: the file is empty", name)
	} else if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", name, err)
	}
	if err := m.spec.check(); err != nil {
		return nil, fmt.Errorf("mapping %s: %w", name, err)
	}
	zone, err := time.LoadLocation(cmp.Or(m.spec.Zone, "Asia/Tokyo"))
	if err != nil {
		return nil, fmt.Errorf("mapping %s: zone %q: write one such as Asia/Tokyo", name, m.spec.Zone)
	}
	m.zone = zone
	for _, w := range m.spec.NoAnswer {
		m.none[w] = true
	}
	canonical, err := yaml.Marshal(m.spec) // without the comments and the layout of the file
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", name, err)
	}
	sum := sha256.Sum256(canonical)
	m.hash = hex.EncodeToString(sum[:])
	return m, nil
}

// Hash identifies what the mapping does, as hex; its comments do not count.
func (m *Mapping) Hash() string { return m.hash }

// Layout says how the files are laid out.
func (m *Mapping) Layout() Layout { return m.spec.Layout }
