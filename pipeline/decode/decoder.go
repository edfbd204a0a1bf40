package decode

import (
	"bytes"
	"fmt"
	"maps"
	"strings"

	"github.com/hamba/avro/v2"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Header is the header of a message that names its decoder.
const Header = "koe-decoder"

// The names of the decoders.
const (
	Contact   = "contact"
	Call      = "call"
	Chat      = "chat"
	Plain     = "plain"
	Malformed = "malformed"

	AmazonConnect = "amazon-connect"
	ContactLens   = "contact-lens"
	Genesys       = "genesys"
	Zendesk       = "zendesk"
	Salesforce    = "salesforce"
	Line          = "line"
	X             = "x"
	Mail          = "mail"

	Avro       = "avro"
	JSONSchema = "json-schema"
)

// format reads a message whose value is not empty.
type format func(m voc.Message) ([]voc.Change, error)

// Format describes a decoder.
type Format struct {
	Name  string `json:"name"`
	Reads string `json:"reads"`
}

// Formats lists the decoders, koe's own first, then by name.
func Formats() []Format {
	return []Format{
		{Contact, "contact schema v1: koe's own JSON"},
		{Call, "the same for calls: channel may be absent"},
		{Chat, "the same for chats"},
		{Plain, "id, channel, text, turns, note, parts; other names are passed over"},
		{Malformed, "a row that its reader could not split: always a dead letter"},
		{Avro, "Avro with a schema id (Confluent): contact schema v1, or any record by the topic's mapping"},
		{JSONSchema, "JSON with a schema id (Confluent): contact schema v1, or any object by the topic's mapping"},
		{AmazonConnect, "Amazon Connect contact record: figures of a contact; thread = ContactId"},
		{ContactLens, "Amazon Connect Contact Lens transcript; thread = ContactId"},
		{Genesys, "Genesys Cloud conversation detail: wrap-up notes and figures"},
		{Line, "LINE Messaging API webhook: text messages; unsend deletes"},
		{Mail, "e-mail of RFC 5322 and MIME, without quoted history and signature"},
		{Salesforce, "Salesforce Case with EmailMessages and CaseComments"},
		{X, "X API v2 post, or an event of the compliance stream, which deletes"},
		{Zendesk, "Zendesk ticket with comments"},
	}
}

func (d *Decoder) readers() map[string]format {
	vendor := func(read func(value []byte) ([]voc.Change, error)) format {
		return func(m voc.Message) ([]voc.Change, error) { return read(m.Value) }
	}
	return map[string]format{
		Contact:   d.contact,
		Call:      func(m voc.Message) ([]voc.Change, error) { return contact(m.Value, voc.ChannelCall) },
		Chat:      func(m voc.Message) ([]voc.Change, error) { return contact(m.Value, voc.ChannelChat) },
		Plain:     vendor(plain),
		Malformed: func(voc.Message) ([]voc.Change, error) { return nil, fail(voc.ReasonSyntax, "") },

		Avro:       d.avro,
		JSONSchema: d.jsonSchema,

		AmazonConnect: vendor(amazonConnect),
		ContactLens:   vendor(contactLens),
		Genesys:       vendor(genesys),
		Zendesk:       vendor(zendesk),
		Salesforce:    vendor(salesforce),
		Line:          vendor(line),
		X:             vendor(post),
		Mail:          vendor(mail),
	}
}

// Names lists the decoders' names as Formats does.
func Names() []string {
	var out []string
	for _, f := range Formats() {
		out = append(out, f.Name)
	}
	return out
}

// Options says which decoder reads which messages.
type Options struct {
	Topics  map[string]string // the decoder's name by topic
	Default string            // for other topics; empty: their messages are dead letters
	// Mappings holds, by topic, the mapping of its objects; the decoder is contact,
	// avro or json-schema.
	Mappings map[string]*Mapping
	Schemas  Schemas // of avro and json-schema; nil: there are none
}

// Decoder chooses a format for each message. It is safe for concurrent use.
type Decoder struct {
	formats  map[string]format
	topics   map[string]string
	fallback string
	mappings map[string]*Mapping

	avroSchemas compiled[avro.Schema]
	jsonSchemas compiled[jsonSchema]
}

// New returns a Decoder, or an error that lists the names if o has one that is
// unknown.
func New(o Options) (*Decoder, error) {
	d := &Decoder{topics: make(map[string]string, len(o.Topics)), fallback: o.Default, mappings: maps.Clone(o.Mappings)}
	d.formats = d.readers()
	d.avroSchemas.from, d.avroSchemas.build = o.Schemas, parseAvro
	d.jsonSchemas.from, d.jsonSchemas.build = o.Schemas, parseJSONSchema
	for topic, name := range o.Topics {
		if d.formats[name] == nil {
			return nil, fmt.Errorf("topic %s: no decoder %q; write one of %s", topic, name, strings.Join(Names(), ", "))
		}
		if o.Schemas == nil && (name == Avro || name == JSONSchema) {
			return nil, fmt.Errorf("topic %s: the decoder %s needs schemas; name a registry or a folder in kafka.schemas", topic, name)
		}
		d.topics[topic] = name
	}
	for topic := range o.Mappings {
		if name := d.topics[topic]; name != Contact && name != Avro && name != JSONSchema {
			return nil, fmt.Errorf("topic %s: a mapping is for the decoders contact, avro and json-schema, not %q", topic, name)
		}
	}
	if o.Default != "" && d.formats[o.Default] == nil {
		return nil, fmt.Errorf("no decoder %q; write one of %s", o.Default, strings.Join(Names(), ", "))
	}
	return d, nil
}

// contact reads the contact schema, or whatever the topic's mapping names.
func (d *Decoder) contact(m voc.Message) ([]voc.Change, error) {
	if d.mappings[m.Partition.Topic] != nil {
		return d.object(m, m.Value)
	}
	return contact(m.Value, "")
}

// Name returns the name of the format that Decode takes for m, empty if there
// is none.
func (d *Decoder) Name(m voc.Message) string {
	name, ok := m.Headers[Header]
	if !ok {
		if name, ok = d.topics[m.Partition.Topic]; !ok {
			name = d.fallback
		}
	}
	if d.formats[name] == nil {
		return "" // an unknown header is text from outside
	}
	return name
}

// Decode reads m. Every error wraps a *voc.DecodeError.
func (d *Decoder) Decode(m voc.Message) ([]voc.Change, error) {
	read := d.formats[d.Name(m)]
	switch {
	case read == nil:
		return nil, fail(voc.ReasonDecoder, "")
	case m.Value == nil:
		return tombstone(m.Key)
	case len(m.Value) > MaxMessage:
		return nil, fail(voc.ReasonTooLarge, "")
	case len(bytes.TrimSpace(m.Value)) == 0:
		return nil, nil
	}
	return read(m)
}

// fail is the only place where errors of reading a message are made, so that
// none of them holds text.
func fail(r voc.Reason, field string) error { return &voc.DecodeError{Reason: r, Field: field} }

// within puts the path of the enclosing field before that of err.
func within(err error, field string) error {
	e, ok := err.(*voc.DecodeError) //nolint:errorlint // only fail makes these errors and nothing wraps them on the way
	switch {
	case !ok:
		return err
	case e.Field == "":
		return fail(e.Reason, field)
	case e.Field[0] == '[':
		return fail(e.Reason, field+e.Field)
	}
	return fail(e.Reason, field+"."+e.Field)
}
