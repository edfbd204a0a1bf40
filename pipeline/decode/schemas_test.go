package decode_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/voc"
)

// texts are schemas by id.
type texts map[int]string

func (t texts) Schema(id int) ([][2]string, error) {
	if t[id] == "" {
		return nil, errors.New("none")
	}
	return [][2]string{{"s", t[id]}}, nil
}

// A topic whose records have names of their own is read by its mapping.
func TestMappingOfATopic(t *testing.T) {
	schema := `{"type":"record","name":"Ticket","fields":[{"name":"no","type":"long"},{"name":"opened","type":{"type":"long","logicalType":"timestamp-millis"}},
		{"name":"body","type":"string"},{"name":"customer","type":{"type":"record","name":"C","fields":[{"name":"rank","type":"string"}]}}]}`
	at := time.Date(2026, 10, 5, 0, 30, 0, 0, time.UTC)
	value, err := avro.Marshal(avro.MustParse(schema), map[string]any{"no": int64(17), "opened": at, "body": "届きません。", "customer": map[string]any{"rank": "金"}})
	if err != nil {
		t.Fatal(err)
	}
	m := mapping(t, "mapping: koe.mapping/1\nsource: crm\nchannel: form\nid: no\noccurred_at: opened\ntext: body\nattrs: {rank: customer.rank}\n")
	d, err := decode.New(decode.Options{
		Topics:   map[string]string{"a": decode.Avro, "j": decode.Contact},
		Mappings: map[string]*decode.Mapping{"a": m, "j": m}, Schemas: texts{1: schema},
	})
	if err != nil {
		t.Fatal(err)
	}
	for topic, value := range map[string]string{
		"a": "\x00\x00\x00\x00\x01" + string(value),
		"j": `{"no":17,"opened":"2026-10-05T00:30:00Z","body":"届きません。","customer":{"rank":"金"}}`,
	} {
		changes, err := d.Decode(message(topic, value))
		if err != nil || len(changes) != 1 {
			t.Fatalf("%s: %d changes, %v", topic, len(changes), err)
		}
		c := changes[0].Contact
		if c.ID.Reveal() != "17" || !c.OccurredAt.Equal(at) || c.Text.Reveal() != "届きません。" || len(c.Attrs) != 1 || c.Attrs[0].Value.Reveal() != "金" {
			t.Errorf("%s: %s %v %s %v", topic, c.ID.Reveal(), c.OccurredAt, c.Text.Reveal(), c.Attrs)
		}
	}
	for _, o := range []decode.Options{
		{Topics: map[string]string{"a": decode.Avro}},
		{Topics: map[string]string{"a": decode.Line}, Mappings: map[string]*decode.Mapping{"a": m}},
		{Mappings: map[string]*decode.Mapping{"a": m}},
	} {
		if _, err := decode.New(o); err == nil || !strings.Contains(err.Error(), "topic a: ") {
			t.Errorf("New(%v): %v", o, err)
		}
	}
}

// A length that no message can hold ends at once, and so does a schema that
// refers to itself.
func TestAvroEndsOnHostileLengths(t *testing.T) {
	for name, tc := range map[string]struct{ schema, value, want string }{
		"an array of nothing":    {`{"type":"array","items":"null"}`, "\xfe\xff\xff\xff\xff\xff\xff\xff\x7f", "too_large"},
		"an array that is cut":   {`{"type":"array","items":"string"}`, "\xfe\xff\xff\xff\xff\xff\xff\xff\x7f", "syntax"},
		"a string that is cut":   {`"string"`, "\xfe\xff\xff\xff\x0f", "syntax"},
		"a union without a type": {`["null","string"]`, "\x08", "syntax"},
		"an enum without symbol": {`{"type":"record","name":"r","fields":[{"name":"f","type":{"type":"enum","name":"e","symbols":["a"]}}]}`, "\x08", "value at f"},
		"a list in itself":       {`{"type":"record","name":"r","fields":[{"name":"f","type":["null","r"]}]}`, strings.Repeat("\x02", 1000), "too_large at " + strings.Repeat("f.", 21) + "f"},
		"bytes after the record": {`"null"`, "\x00", "syntax"},
		"no schema":              {`nonsense`, "", "schema at schema_id"},
	} {
		d, err := decode.New(decode.Options{Default: decode.Avro, Schemas: texts{1: tc.schema}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Decode(voc.Message{Value: []byte("\x00\x00\x00\x00\x01" + tc.value)})
		if err == nil || err.Error() != tc.want {
			t.Errorf("%s: got %v, want %s", name, err, tc.want)
		}
	}
}

// A name that came with the message does not stand in an error.
func TestJSONSchemaShowsNoNamesOfTheMessage(t *testing.T) {
	d, err := decode.New(decode.Options{Default: decode.JSONSchema, Schemas: texts{1: `{"additionalProperties":{"type":"string"},"properties":{"attrs":{"additionalProperties":{"type":"string"}}}}`}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Decode(voc.Message{Value: []byte("\x00\x00\x00\x00\x01" + `{"attrs":{"090-1234-5678":1}}`)})
	if err == nil || err.Error() != "value at attrs.*" {
		t.Error(err)
	}
}
