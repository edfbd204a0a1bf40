package decode_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/voc"
)

var update = flag.Bool("update", false, "write the golden files anew")

// vendors are the decoders with fixtures in testdata/NAME: one message a file.
func vendors() []string {
	return []string{
		decode.AmazonConnect, decode.ContactLens, decode.Genesys, decode.Zendesk, decode.Salesforce, decode.Line, decode.X, decode.Mail,
		decode.Avro, decode.JSONSchema,
	}
}

// schemas are those of the fixtures.
type schemas struct{}

func (schemas) Schema(id int) ([][2]string, error) {
	for _, name := range []string{"avro/schemas/%d.avsc", "json-schema/schemas/%d.json"} {
		if text, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf(name, id))); err == nil {
			return [][2]string{{fmt.Sprint(id), string(text)}}, nil
		}
	}
	return nil, errors.New("no such schema")
}

// fixtures are the messages of a vendor by the names of their files.
func fixtures(t testing.TB, vendor string) (names []string, values [][]byte) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", vendor, "[0-9]*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures of %s: %v", vendor, err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		names, values = append(names, filepath.Base(p)), append(values, b)
	}
	return names, values
}

// as is a message that a decoder of that name reads.
func as(name string, value []byte) voc.Message {
	return voc.Message{Partition: voc.Partition{Topic: "t"}, Value: value, Headers: map[string]string{decode.Header: name}}
}

func TestVendors(t *testing.T) {
	for _, vendor := range vendors() {
		t.Run(vendor, func(t *testing.T) {
			var b strings.Builder
			names, values := fixtures(t, vendor)
			for i, name := range names {
				fmt.Fprintf(&b, "== %s\n", name)
				changes, err := decoder(t).Decode(as(vendor, values[i]))
				if err != nil {
					fmt.Fprintf(&b, "dead letter: %v\n", err)
				}
				for _, c := range changes {
					describe(&b, c)
				}
			}
			golden(t, filepath.Join("testdata", vendor, "golden.txt"), b.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, d)
	}
}

// describe writes a change as a person reads it; the text is of the fixtures.
func describe(b *strings.Builder, ch voc.Change) {
	c := ch.Contact
	line := func(name string, value any) {
		switch v := value.(type) {
		case voc.Raw:
			value = v.Reveal()
		case time.Time:
			value = v.UTC().Format(time.RFC3339Nano)
			if v.IsZero() {
				value = ""
			}
		case *int:
			if v == nil {
				return
			}
			value = *v
		}
		if s := fmt.Sprint(value); s != "" {
			fmt.Fprintf(b, "  %-12s %s\n", name, strings.ReplaceAll(s, "\n", "\n               "))
		}
	}
	verb := "contact"
	if ch.Delete {
		verb = "delete"
	}
	fmt.Fprintf(b, "%s %s / %s\n", verb, c.Source.Reveal(), c.ID.Reveal())
	line("channel", strings.TrimSpace(string(c.Channel)+" "+string(c.Direction)))
	line("occurred_at", c.OccurredAt)
	line("ended_at", c.EndedAt)
	line("updated_at", c.UpdatedAt)
	line("customer_key", c.CustomerKey)
	line("thread_id", c.ThreadID)
	line("queue", c.Queue)
	line("agent_key", c.AgentKey)
	line("disposition", c.Disposition)
	for _, v := range c.Categories {
		line("category", v)
	}
	for _, a := range c.Attrs {
		line("attr", a.Name.Reveal()+" = "+a.Value.Reveal())
	}
	h := c.Handling
	line("wait", h.Wait)
	line("talk", h.Talk)
	line("hold", h.Hold)
	line("after_call", h.AfterCall)
	line("transfers", h.Transfers)
	for _, turn := range c.Turns {
		at := ""
		if !turn.At.IsZero() {
			at = turn.At.UTC().Format("15:04:05 ")
		}
		line(string(turn.Speaker), at+turn.Text.Reveal())
	}
	line("note", c.Note)
	line("answer", c.Answer)
	for _, p := range c.Parts {
		line("part", p.Question.Reveal()+": "+p.Text.Reveal())
	}
	line("text", c.Text)
}

func TestEveryFormatIsListed(t *testing.T) {
	for _, name := range append(vendors(), decode.Contact, decode.Call, decode.Chat, decode.Plain, decode.Malformed) {
		if !slices.ContainsFunc(decode.Formats(), func(f decode.Format) bool { return f.Name == name && f.Reads != "" }) {
			t.Errorf("%s is not listed", name)
		}
	}
	for _, f := range decode.Formats() {
		if _, err := decode.New(decode.Options{Default: f.Name}); err != nil {
			t.Error(err)
		}
	}
}

// A name that a vendor adds, at any level, changes nothing.
func TestNewFieldsNeverBreakAVendor(t *testing.T) {
	for _, vendor := range vendors() {
		if vendor == decode.Mail || vendor == decode.Avro || vendor == decode.JSONSchema {
			continue
		}
		names, values := fixtures(t, vendor)
		for i, name := range names {
			var message any
			if err := json.Unmarshal(values[i], &message); err != nil {
				t.Fatal(err)
			}
			grown, err := json.Marshal(grow(message))
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := decoder(t).Decode(as(vendor, values[i]))
			got, err := decoder(t).Decode(as(vendor, grown))
			if d := cmp.Diff(want, got, reveal); d != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s/%s with new fields: %v %s", vendor, name, err, d)
			}
		}
	}
}

// grow adds a name to every object but those whose names the site chooses.
func grow(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = grow(v[i])
		}
	case map[string]any:
		for k := range v {
			if !strings.EqualFold(k, "attributes") {
				v[k] = grow(v[k])
			}
		}
		v["newIn2030"] = map[string]any{"a": []any{1, map[string]any{"b": nil}}}
	}
	return v
}

func TestAttributesOfASiteNeverBreakARecord(t *testing.T) {
	long := strings.Repeat("長", decode.MaxShort)
	value := `{"ContactId":"c","Channel":"VOICE","Attributes":{"a":"1","a":"2","b":null,"c":true,"":"x","長い":"` + long + `","` + long + `":"y","氏名":"佐野"}}`
	changes, err := decoder(t).Decode(as(decode.AmazonConnect, []byte(value)))
	if err != nil {
		t.Fatal(err)
	}
	want := []voc.RawAttr{{Name: raw("a"), Value: raw("1")}, {Name: raw("c"), Value: raw("true")}}
	if d := cmp.Diff(want, changes[0].Contact.Attrs, reveal); d != "" {
		t.Error(d)
	}
}

// What a vendor's message lacks or has wrong is named; nothing of it is quoted.
func TestVendorsNameTheWrongField(t *testing.T) {
	for _, tc := range []struct{ vendor, value, want string }{
		{decode.AmazonConnect, `[]`, "type"},
		{decode.AmazonConnect, `{"Channel":"VOICE"}`, "missing at ContactId"},
		{decode.AmazonConnect, `{"ContactId":"c"}`, "missing at Channel"},
		{decode.AmazonConnect, `{"ContactId":"c","Channel":"PIGEON"}`, "value at Channel"},
		{decode.AmazonConnect, `{"ContactId":"c","Channel":"VOICE","LastUpdateTimestamp":"昨日"}`, "value at LastUpdateTimestamp"},
		{decode.AmazonConnect, `{"ContactId":"c","Channel":"VOICE","Queue":{"Duration":"12"}}`, "type at Queue.Duration"},
		{decode.AmazonConnect, `{"ContactId":"c","Channel":"VOICE","Attributes":{"秘":{}}}`, "type at Attributes[0]"},
		{decode.ContactLens, `{"Channel":"VOICE","Transcript":[]}`, "missing at CustomerMetadata.ContactId"},
		{decode.ContactLens, `{"Channel":"VOICE","Transcript":[{"Content":1}]}`, "type at Transcript[0].Content"},
		{decode.ContactLens, `{"Channel":"VOICE","CustomerMetadata":{"ContactId":"c"},"Transcript":[{"ParticipantId":"p","Content":"x"}]}`, "value at Transcript[0].ParticipantId"},
		{decode.Genesys, `{"conversationId":"c"}`, "missing at participants.sessions.mediaType"},
		{decode.Genesys, `{"conversation_id":"c","participants":[{"sessions":[{"segments":[{"wrap_up_note":3}]}]}]}`, "type at participants[0].sessions[0].segments[0].wrapUpNote"},
		{decode.Zendesk, `{"subject":"x"}`, "missing at id"},
		{decode.Zendesk, `{"ticket":{"id":1,"comments":[{"body":"a"},{"created_at":"x"}]}}`, "value at ticket.comments[1].created_at"},
		{decode.Zendesk, `{"id":1,"comments":[{"public":"yes"}]}`, "type at comments[0].public"},
		{decode.Salesforce, `{"Subject":"x"}`, "missing at Id"},
		{decode.Salesforce, `{"ChangeEventHeader":{"changeType":"UPDATE","recordIds":["500"]},"Status":"x"}`, "missing at Id"},
		{decode.Salesforce, `{"Id":"500","CreatedDate":"2026/10/05"}`, "value at CreatedDate"},
		{decode.Line, `{"destination":"U"}`, "missing at events"},
		{decode.Line, `{"events":[{"type":"follow"},{"type":"message","timestamp":1,"message":{"type":"text"}}]}`, "missing at events[1].message.id"},
		{decode.Line, `{"events":[{"type":"message","message":{"id":"1","type":"text","text":"a"}}]}`, "missing at events[0].timestamp"},
		{decode.Line, `{"events":[{"type":"unsend","timestamp":1}]}`, "missing at events[0].unsend.messageId"},
		{decode.Line, `{"events":[{"type":"message","timestamp":"1"}]}`, "type at events[0].timestamp"},
		{decode.Line, `{"events":[{"type":"message","timestamp":1e300}]}`, "value at events[0].timestamp"},
		{decode.X, `{"text":"x"}`, "missing at id"},
		{decode.X, `{"data":{"text":"x"}}`, "missing at data.id"},
		{decode.X, `{"data":[{"id":"1"},{"text":"x"}]}`, "missing at data[1].id"},
		{decode.X, `{"data":[{"id":"1","created_at":5}]}`, "type at data[0].created_at"},
		{decode.Mail, "本文だけ", "syntax"},
		{decode.Mail, "Date: 昨日\r\n\r\nx", "value at Date"},
		{decode.Mail, "Content-Type: text/plain; charset=x-090-1234-5678\r\n\r\nx", "value at Content-Type.charset"},
	} {
		changes, err := decoder(t).Decode(as(tc.vendor, []byte(tc.value)))
		if _, ok := errors.AsType[*voc.DecodeError](err); !ok || changes != nil || err.Error() != tc.want {
			t.Errorf("%s %s: %d changes, %v; want %s", tc.vendor, tc.value, len(changes), err, tc.want)
		}
	}
}

// fuzz holds a decoder to its promises on any input: an error is a DecodeError,
// and every contact has an id, a source and one of the channels.
func fuzz(f *testing.F, name string) {
	f.Helper()
	_, values := fixtures(f, name)
	for _, v := range values {
		f.Add(v)
	}
	d := decoder(f)
	f.Fuzz(func(t *testing.T, value []byte) {
		changes, err := d.Decode(as(name, value))
		if _, ok := errors.AsType[*voc.DecodeError](err); err != nil && (!ok || changes != nil) {
			t.Fatalf("%d changes and %v", len(changes), err)
		}
		for _, c := range changes {
			if c.Contact.ID.Empty() || c.Contact.Source.Empty() || !c.Delete && c.Contact.Channel == "" {
				t.Fatalf("a change without id, source or channel: %+v", c)
			}
		}
	})
}

func FuzzAmazonConnect(f *testing.F) { fuzz(f, decode.AmazonConnect) }
func FuzzContactLens(f *testing.F)   { fuzz(f, decode.ContactLens) }
func FuzzGenesys(f *testing.F)       { fuzz(f, decode.Genesys) }
func FuzzZendesk(f *testing.F)       { fuzz(f, decode.Zendesk) }
func FuzzSalesforce(f *testing.F)    { fuzz(f, decode.Salesforce) }
func FuzzLine(f *testing.F)          { fuzz(f, decode.Line) }
func FuzzX(f *testing.F)             { fuzz(f, decode.X) }
func FuzzAvro(f *testing.F)          { fuzz(f, decode.Avro) }
func FuzzJSONSchema(f *testing.F)    { fuzz(f, decode.JSONSchema) }
func FuzzMail(f *testing.F)          { fuzz(f, decode.Mail) }
