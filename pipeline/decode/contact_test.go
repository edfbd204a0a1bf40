package decode_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/voc"
)

// reveal lets go-cmp see text.
var reveal = cmp.Transformer("reveal", func(r voc.Raw) string { return r.Reveal() })

func raw(s string) voc.Raw { return voc.NewRaw(s) }

func decoder(t testing.TB) *decode.Decoder {
	t.Helper()
	d, err := decode.New(decode.Options{
		Topics:  map[string]string{"calls": decode.Call, "chats": decode.Chat, "filter": decode.Plain},
		Default: decode.Contact,
		Schemas: schemas{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func message(topic, value string) voc.Message {
	return voc.Message{Partition: voc.Partition{Topic: topic}, Value: []byte(value)}
}

// one decodes value and returns its only contact.
func one(t *testing.T, topic, value string) voc.Contact {
	t.Helper()
	changes, err := decoder(t).Decode(message(topic, value))
	if err != nil || len(changes) != 1 || changes[0].Delete {
		t.Fatalf("Decode: %d changes, %v; want one upsert", len(changes), err)
	}
	return changes[0].Contact
}

func TestContactHasEveryField(t *testing.T) {
	got := one(t, "contacts", `{
		"schema": "koe.contact/1", "id": " C-1 ", "source": "crm", "channel": "email", "direction": "inbound",
		"occurred_at": "2026-10-05T09:30:00+09:00", "ended_at": "2026-10-05T00:41:00.5Z", "updated_at": "2026-10-06T00:00:00Z",
		"customer_key": "K9", "thread_id": "T1", "product": "浄水器A", "lot": "L7", "shop": "梅田店", "queue": "二次", "agent_key": "a12",
		"categories": ["配送/遅延", "", null], "disposition": "完了",
		"attrs": {"会員": "ゴールド", "年数": 3.50, "法人": false, "空": "", "無": null, "Area": "西"},
		"nps": 9.0, "csat": 2, "handling": {"wait_seconds": 12, "talk_seconds": 300, "hold_seconds": 0, "after_call_seconds": 60, "transfers": 1},
		"turns": [{"speaker": "customer", "at": "2026-10-05T09:30:01+09:00", "text": "届かない\r\nのですが"}, {"speaker": "bot", "text": null}],
		"note": "架電済", "answer": "お詫びしました", "parts": [{"question": "理由", "text": "遅い"}], "text": "\u914d\u9001 \ud83d\ude20"}`)
	jst := time.FixedZone("", 9*3600)
	want := voc.Contact{
		ID: raw("C-1"), Source: raw("crm"), Channel: voc.ChannelMail, Direction: voc.Inbound,
		OccurredAt: time.Date(2026, 10, 5, 9, 30, 0, 0, jst), EndedAt: time.Date(2026, 10, 5, 0, 41, 0, 5e8, time.UTC), UpdatedAt: time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC),
		CustomerKey: raw("K9"), ThreadID: raw("T1"), Product: raw("浄水器A"), Lot: raw("L7"), Shop: raw("梅田店"), Queue: raw("二次"), AgentKey: raw("a12"),
		Categories: []voc.Raw{raw("配送/遅延")}, Disposition: raw("完了"),
		Attrs: []voc.RawAttr{{Name: raw("Area"), Value: raw("西")}, {Name: raw("会員"), Value: raw("ゴールド")}, {Name: raw("年数"), Value: raw("3.50")}, {Name: raw("法人"), Value: raw("false")}},
		NPS:   new(9), CSAT: new(2), Handling: voc.Handling{Wait: new(12), Talk: new(300), Hold: new(0), AfterCall: new(60), Transfers: new(1)},
		Turns: []voc.RawTurn{{Speaker: voc.Customer, At: time.Date(2026, 10, 5, 9, 30, 1, 0, jst), Text: raw("届かない\nのですが")}, {Speaker: voc.Bot}},
		Note:  raw("架電済"), Answer: raw("お詫びしました"), Parts: []voc.RawPart{{Question: raw("理由"), Text: raw("遅い")}}, Text: raw("配送 😠"),
	}
	if d := cmp.Diff(want, got, reveal); d != "" {
		t.Error(d)
	}
}

func TestDeadLetters(t *testing.T) {
	const head = `"id":"1","source":"s","channel":"call"`
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for name, tc := range map[string]struct{ topic, value, want string }{
		"not JSON":               {"x", `{"id":`, "syntax"},
		"two values":             {"x", `{} {}`, "syntax"},
		"nested without end":     {"x", strings.Repeat("[", 1<<20), "syntax"},
		"an array":               {"x", `[]`, "type"},
		"unknown name":           {"x", `{` + head + `,"密":1}`, "unknown"},
		"other case":             {"x", `{"ID":"1"}`, "unknown"},
		"name twice":             {"x", `{"id":"1",` + head + `}`, "value at id"},
		"no id":                  {"x", `{"source":"s","channel":"call"}`, "missing at id"},
		"id of control bytes":    {"x", `{"id":"\u0000","source":"s","channel":"call"}`, "missing at id"},
		"id a number":            {"x", `{"id":1}`, "type at id"},
		"no source":              {"x", `{"id":"1","channel":"call"}`, "missing at source"},
		"no channel":             {"x", `{"id":"1","source":"s"}`, "missing at channel"},
		"channel":                {"x", `{"channel":"fax"}`, "value at channel"},
		"channel of topic":       {"chats", `{` + head + `}`, "value at channel"},
		"direction":              {"x", `{"direction":"in"}`, "value at direction"},
		"schema":                 {"x", `{"schema":"koe.contact/2"}`, "value at schema"},
		"time without zone":      {"x", `{"occurred_at":"2026-10-05T09:30:00"}`, "value at occurred_at"},
		"time a number":          {"x", `{"updated_at":1700000000}`, "type at updated_at"},
		"year":                   {"x", `{"ended_at":"9999-01-01T00:00:00Z"}`, "value at ended_at"},
		"zero time":              {"x", `{"ended_at":"0001-01-01T00:00:00Z"}`, "value at ended_at"},
		"nps":                    {"x", `{"nps":11}`, "value at nps"},
		"nps huge":               {"x", `{"nps":1e999}`, "value at nps"},
		"nps a string":           {"x", `{"nps":"9"}`, "type at nps"},
		"nps half":               {"x", `{"nps":8.5}`, "value at nps"},
		"csat":                   {"x", `{"csat":0}`, "value at csat"},
		"handling":               {"x", `{"handling":{"wait_seconds":-1}}`, "value at handling.wait_seconds"},
		"handling unknown":       {"x", `{"handling":{"秘":1}}`, "unknown at handling"},
		"categories":             {"x", `{"categories":["a",{}]}`, "type at categories[1]"},
		"attrs nested":           {"x", `{"attrs":{"a":"b","秘":[]}}`, "type at attrs[1]"},
		"attrs twice":            {"x", `{"attrs":{"a":"b","a":"c"}}`, "value at attrs[1]"},
		"attrs a list":           {"x", `{"attrs":[]}`, "type at attrs"},
		"turn without speaker":   {"x", `{"turns":[{"speaker":"bot","text":""},{"text":"a"}]}`, "missing at turns[1].speaker"},
		"turn null":              {"x", `{"turns":[null]}`, "missing at turns[0].speaker"},
		"speaker":                {"x", `{"turns":[{"speaker":"user"}]}`, "value at turns[0].speaker"},
		"turn unknown":           {"x", `{"turns":[{"speaker":"bot","lang":"ja"}]}`, "unknown at turns[0]"},
		"turn twice":             {"x", `{"turns":[{"text":"a","text":"b"}]}`, "value at turns[0].text"},
		"part text":              {"x", `{"parts":[{"text":{}}]}`, "type at parts[0].text"},
		"deep":                   {"x", `{"text":` + deep + `}`, "type at text"},
		"deep in plain":          {"filter", `{"x":` + deep + `}`, "too_large"},
		"plain speaker":          {"filter", `{"turns":[{"speaker":"猫"}]}`, "value at turns[0].speaker"},
		"too many turns":         {"x", `{"turns":[` + strings.Repeat(`{"speaker":"bot"},`, decode.MaxTurns) + `{}]}`, "too_large at turns"},
		"too many parts":         {"x", `{"parts":[` + strings.Repeat(`{},`, decode.MaxParts) + `{}]}`, "too_large at parts"},
		"long id":                {"x", `{"id":"` + strings.Repeat("x", decode.MaxShort+1) + `"}`, "too_large at id"},
		"long text":              {"x", `{"text":"` + strings.Repeat("x", decode.MaxText+1) + `"}`, "too_large at text"},
		"long message":           {"x", strings.Repeat(" ", decode.MaxMessage+1), "too_large"},
		"delete with words":      {"x", `{"schema":"koe.delete/1","id":"1","source":"s","note":"a"}`, "unknown at note"},
		"delete without id":      {"x", `{"schema":"koe.delete/1","source":"s"}`, "missing at id"},
		"UTF-16 is not accepted": {"x", "{\x00}\x00", "syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			changes, err := decoder(t).Decode(message(tc.topic, tc.value))
			de, ok := errors.AsType[*voc.DecodeError](err)
			if !ok || changes != nil {
				t.Fatalf("%d changes, error %v; want a DecodeError alone", len(changes), err)
			}
			if de.Error() != tc.want {
				t.Errorf("got %q, want %q", de, tc.want)
			}
		})
	}
}

func TestTextIsCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"\ufeff先頭":                       "先頭",
		"a\r\nb\rc\nd":                   "a\nb\nc\nd",
		"a\x00b\x07c\x7fd\u0085e\u2028f": "abcd\ne\nf",
		"タブ\tは残す":                        "タブ\tは残す",
		"\u202e逆さ\u202c \u2067x\u2069":   "逆さ x",
		"\xff\xfe\xfd不正\x82\xa0":         "\ufffd不正\ufffd",
		"\ufffd元から":                      "\ufffd元から",
		"ﾊﾝｶｸ 〜～ −－ 👨‍👩‍👧 か\u3099 ①㈱髙\ue000": "ﾊﾝｶｸ 〜～ −－ 👨‍👩‍👧 か\u3099 ①㈱髙\ue000",
		"\U0001fffe\ufdd0": "",
		"":                 "",
	} {
		value := `{"id":"1","source":"s","channel":"mail","text":"` + strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`, "\x00", `\u0000`, "\x07", `\u0007`).Replace(in) + `"}`
		if got := one(t, "x", value).Text.Reveal(); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := one(t, "x", `{"id":"a\tb\n","source":"s","channel":"mail","text":"\ud800x\udc00\ud83d"}`); got.ID.Reveal() != "ab" || got.Text.Reveal() != "\ufffdx\ufffd\ufffd" {
		t.Errorf("id %q, lone surrogates %q", got.ID.Reveal(), got.Text.Reveal())
	}
}

func TestTopicOrHeaderChoosesTheDecoder(t *testing.T) {
	if got := one(t, "calls", `{"id":"1","source":"s"}`).Channel; got != voc.ChannelCall {
		t.Errorf("calls: channel %q", got)
	}
	if got := one(t, "chats", `{"id":"1","source":"s","channel":"chat"}`).Channel; got != voc.ChannelChat {
		t.Errorf("chats: channel %q", got)
	}
	m := message("calls", `{"id":"1","source":"s"}`)
	m.Headers = map[string]string{decode.Header: decode.Chat}
	if c, err := decoder(t).Decode(m); err != nil || c[0].Contact.Channel != voc.ChannelChat {
		t.Errorf("header: %v", err)
	}
	m.Headers[decode.Header] = "090-0000-0000"
	if _, err := decoder(t).Decode(m); err == nil || err.Error() != "decoder" || decoder(t).Name(m) != "" {
		t.Errorf("unknown header: %v", err)
	}
	m.Headers[decode.Header] = decode.Malformed
	if _, err := decoder(t).Decode(m); err == nil || err.Error() != "syntax" {
		t.Errorf("malformed: %v", err)
	}
	none, err := decode.New(decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := none.Decode(message("x", `{}`)); err == nil || err.Error() != "decoder" {
		t.Errorf("no decoder: %v", err)
	}
	for _, o := range []decode.Options{{Default: "fax"}, {Topics: map[string]string{"a": ""}}} {
		if _, err := decode.New(o); err == nil || !strings.Contains(err.Error(), "contact") {
			t.Errorf("New(%v): %v; want the names", o, err)
		}
	}
}

func TestDeletes(t *testing.T) {
	for name, m := range map[string]voc.Message{
		"object":     message("x", `{"updated_at":"2026-10-05T00:00:00Z","id":"a/1","source":"crm","schema":"koe.delete/1"}`),
		"key":        {Key: []byte("crm/a/1")},
		"key object": {Key: []byte(` {"source":"crm","id":"a/1"}`)},
	} {
		c, err := decoder(t).Decode(m)
		if err != nil || len(c) != 1 || !c[0].Delete || c[0].Contact.ID.Reveal() != "a/1" || c[0].Contact.Source.Reveal() != "crm" {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	for key, want := range map[string]string{
		"": "missing at key", "crm": "missing at key", "/1": "missing at key", "crm/": "missing at key",
		`{"id":"1"}`: "missing at key.source", `{`: "syntax at key", `{"id":{}}`: "type at key.id", strings.Repeat("x", 1<<20): "too_large at key",
	} {
		if _, err := decoder(t).Decode(voc.Message{Key: []byte(key)}); err == nil || err.Error() != want {
			t.Errorf("key of %d bytes: got %v, want %s", len(key), err, want)
		}
	}
}

func TestEmptyValueHoldsNothing(t *testing.T) {
	for _, v := range []string{"", " \r\n"} {
		if c, err := decoder(t).Decode(message("x", v)); c != nil || err != nil {
			t.Errorf("%q: %v, %v", v, c, err)
		}
	}
}

func TestPlain(t *testing.T) {
	got := one(t, "filter", `{"id":"h1","channel":"email","industry":"銀行","gold":[{"type":"complaint","span":[1,[2]]}],"trap":"",
		"turns":[{"speaker":"user","text":"遅い","act":null},{"speaker":"agent","text":"はい"},{"text":"誰"}],"note":"n","parts":[{"question":"q","text":"t","x":{}}],"text":"本文"}`)
	want := voc.Contact{
		ID: raw("h1"), Source: raw(decode.PlainSource), Channel: voc.ChannelMail,
		Turns: []voc.RawTurn{{Speaker: voc.Customer, Text: raw("遅い")}, {Speaker: voc.Agent, Text: raw("はい")}, {Speaker: voc.Customer, Text: raw("誰")}},
		Note:  raw("n"), Parts: []voc.RawPart{{Question: raw("q"), Text: raw("t")}}, Text: raw("本文"),
	}
	if d := cmp.Diff(want, got, reveal); d != "" {
		t.Error(d)
	}
	if got := one(t, "filter", `{"channel":"telex"}`); got.Channel != "" {
		t.Errorf("unknown channel %q", got.Channel)
	}
}

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		`{"attrs":{"id":"no"},"id":"1","source":"crm"}`: "crm/1",
		`{"id":"1","source":"a/b"}`:                     `{"source":"a/b","id":"1"}`,
		`{"id":"1"}`:                                    "",
		`{"id":1,"source":"a"}`:                         "",
		`x`:                                             "",
	} {
		got := decode.Key([]byte(in))
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
		if want == "" {
			continue
		}
		if c, err := decoder(t).Decode(voc.Message{Key: got}); err != nil || !c[0].Delete {
			t.Errorf("%s does not delete: %v", got, err)
		}
	}
}

// No way of printing an error may show what was in the message.
func TestErrorsHoldNoPayload(t *testing.T) {
	const secret = "090-1234-5678"
	for _, v := range []string{
		`{"` + secret + `":1}`, `{"id":"` + secret, `{"channel":"` + secret + `"}`, `{"occurred_at":"` + secret + `"}`,
		`{"attrs":{"` + secret + `":{}}}`, `{"turns":[{"` + secret + `":1}]}`, `{"turns":[{"speaker":"` + secret + `"}]}`,
	} {
		_, err := decoder(t).Decode(message("x", v))
		// Not "090": the %#v of an error holds addresses, whose digits may be any.
		if s := fmt.Sprintf("%v %+v %#v", err, err, err); err == nil || strings.Contains(s, "090-") || strings.Contains(s, "-5678") {
			t.Errorf("got %s", s)
		}
	}
}

func ExampleNew() {
	d, err := decode.New(decode.Options{Topics: map[string]string{"calls": decode.Call}})
	if err != nil {
		fmt.Println(err)
		return
	}
	changes, err := d.Decode(voc.Message{
		Partition: voc.Partition{Topic: "calls"},
		Value:     []byte(`{"id":"c-1","source":"crm","note":"届かないとのこと。折電希望。","nps":3}`),
	})
	fmt.Println(err, changes[0].Contact.Channel, *changes[0].Contact.NPS, changes[0].Contact.Note)
	_, err = d.Decode(voc.Message{Partition: voc.Partition{Topic: "calls"}, Value: []byte(`{"id":"c-1","source":"crm","nps":"高い"}`)})
	fmt.Println(err)
	// Output:
	// <nil> call 3 [14 runes]
	// type at nps
}

func FuzzContact(f *testing.F) {
	for _, s := range []string{
		`{"id":"1","source":"s","channel":"call","text":"返品したい\u3002\ud83d\ude00","turns":[{"speaker":"customer","at":"2026-10-05T09:30:00+09:00","text":"a\r\nb"}]}`,
		`{"attrs":{"a":1e3,"b":true,"c":null,"d":"\\\"\/"},"nps":-0,"handling":{"transfers":2}}`,
		`{"schema":"koe.delete/1","source":"s","id":"1"}`,
		"\ufeff {\"parts\":[{\"question\":\"\xff\",\"text\":\"\\ud800\"}],\"categories\":[]}\n",
		`{"turns":[{"speaker":"bot"},{}]}`, `[]`, `{"":{"":[[[]]]}}`, `{"id":"1","id":"2"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, topic := range []string{"x", "calls", "filter"} {
			changes, err := decoder(t).Decode(voc.Message{Partition: voc.Partition{Topic: topic}, Value: data})
			if _, ok := errors.AsType[*voc.DecodeError](err); err != nil && !ok {
				t.Fatalf("%s: %v is no DecodeError", topic, err)
			}
			if err == nil && topic == "x" && len(changes) == 1 {
				same(t, data, changes[0].Contact)
			}
			_, _ = decoder(t).Decode(voc.Message{Key: data})
		}
		decode.Key(data)
	})
}

// same compares with what encoding/json reads.
func same(t *testing.T, data []byte, c voc.Contact) {
	t.Helper()
	var want struct {
		Text string `json:"text"`
		Note string `json:"note"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &want); err != nil {
		t.Fatalf("encoding/json refuses what was read: %v", err)
	}
	plain := func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > 0x7e }) }
	if got := c.Text.Reveal(); plain(want.Text) && got != want.Text {
		t.Errorf("text %q, want %q", got, want.Text)
	}
	if got := c.Note.Reveal(); plain(want.Note) && got != want.Note {
		t.Errorf("note %q, want %q", got, want.Note)
	}
}

func BenchmarkContact(b *testing.B) {
	value := `{"id":"C-1","source":"crm","channel":"chat","occurred_at":"2026-10-05T09:30:00+09:00","product":"浄水器A","turns":[` +
		strings.Repeat(`{"speaker":"customer","text":"先週頼んだ品がまだ届かないのですが、いつになりますか。"},{"speaker":"agent","text":"お調べします。"},`, 9) + `{"speaker":"bot","text":""}]}`
	d := decoder(b)
	b.SetBytes(int64(len(value)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(message("x", value)); err != nil {
			b.Fatal(err)
		}
	}
}
