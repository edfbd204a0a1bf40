package voc_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/koe-voc/koe/pipeline/voc"
)

const secret = "山田太郎 090-1234-5678"

func TestRawShowsItsLengthAndNothingElse(t *testing.T) {
	type holder struct {
		Raw  voc.Raw
		Many []voc.Raw
		Attr voc.RawAttr
	}
	h := holder{voc.NewRaw(secret), []voc.Raw{voc.NewRaw(secret)}, voc.RawAttr{Name: voc.NewRaw(secret)}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, verb+verb+verb, h, &h, h.Raw)
	}
	timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey { // its digits may be those of the secret
			return slog.Attr{}
		}
		return a
	}}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, timeless), slog.NewJSONHandler(&out, timeless)} {
		slog.New(handler).Info("x", slog.Any("h", h), slog.Any("raw", h.Raw))
	}
	for _, v := range []any{h, h.Raw} {
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(j)
	}
	x, err := xml.Marshal(h.Raw)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(x)
	if err := gob.NewEncoder(&out).Encode(h.Raw); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"山田", "太郎", "090", "5678", fmt.Sprintf("%x", "山田")} {
		if strings.Contains(out.String(), part) {
			t.Errorf("%q leaked: %s", part, out.String())
		}
	}
	if !strings.Contains(out.String(), "[18 runes]") {
		t.Error("the length is not shown")
	}
}

func TestMessageShowsItsPosition(t *testing.T) {
	m := voc.Message{Partition: voc.Partition{Topic: "calls", ID: 3}, Offset: 17, Key: []byte(secret), Value: []byte(secret), Headers: map[string]string{"x": secret}}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %s %x", m, m, m, m, m)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", slog.Any("m", m))
	j, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	if strings.Contains(out.String(), "山田") || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) || !strings.Contains(out.String(), "calls/3@17") {
		t.Errorf("message: %s", out.String())
	}
}

func TestRecordLogsNoWords(t *testing.T) {
	r := &voc.Record{ID: "crm/1", Channel: voc.ChannelCall, Text: secret}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", slog.Any("record", r))
	if strings.Contains(out.String(), "山田") || !strings.Contains(out.String(), "crm/1") {
		t.Errorf("record: %s", out.String())
	}
}

func TestRunesConvertBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + strings.Repeat("声", rapid.IntRange(0, 200).Draw(t, "n"))
		text = strings.ToValidUTF8(text, "?")
		at := voc.NewRunes(text)
		n := 0
		for b := range text {
			if at.Of(b) != n || at.Byte(n) != b {
				t.Fatalf("byte %d is code point %d, got %d and back %d", b, n, at.Of(b), at.Byte(n))
			}
			n++
		}
		if at.Of(len(text)) != n || at.Byte(n) != len(text) {
			t.Fatalf("the end: %d, %d", at.Of(len(text)), at.Byte(n))
		}
	})
}

func TestRecordComesBackFromJSON(t *testing.T) {
	text := "届くのが遅い\n次は連絡がほしい"
	two := 2
	want := voc.Record{
		ID: "crm/1", Source: "crm", Revision: voc.Revision{At: time.Date(2026, 10, 5, 1, 2, 3, 4000, time.UTC), Topic: "calls", Partition: 2, Offset: 9, Definition: 1},
		Channel: voc.ChannelSurvey, OccurredAt: time.Date(2026, 10, 5, 1, 2, 3, 0, time.UTC), NPS: &two, Handling: voc.Handling{Talk: &two}, Text: text,
		Attrs:    []voc.Attr{{Name: "地域", Value: "関東"}},
		Segments: []voc.Segment{{Role: voc.PartAnswer, Span: voc.Span{From: 0, To: len(text)}}},
		Voices:   []voc.Voice{{Type: voc.Complaint, Aspect: voc.Delivery, Evidence: voc.Span{From: 0, To: len("届くのが遅い")}, Rule: "r", Confidence: .5, Response: true}},
		Risks:    []voc.Flag{{Name: "churn", Evidence: voc.Span{From: 0, To: 3}, Rule: "k"}},
	}
	data, err := json.Marshal(&want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"evidence":"届くのが遅い","start":0,"end":6`) {
		t.Errorf("offsets are not code points: %s", data)
	}
	var got voc.Record
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if err := json.Unmarshal([]byte(strings.Replace(string(data), `"end":6`, `"end":600`, 1)), &got); err == nil {
		t.Error("an offset outside the text was taken")
	}
}

func TestRevisionsOrderVersions(t *testing.T) {
	at := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	in := []voc.Revision{
		{At: at, Topic: "a", Partition: 2, Offset: 9},
		{At: at, Topic: "a", Partition: 10},
		{At: at, Topic: "b"},
		{At: at, Topic: "b", Definition: 1},
		{At: at.Add(time.Microsecond), Topic: "a"},
	}
	for i := range in {
		for j := range in {
			if got, want := in[i].Compare(in[j]), compareInt(i, j); got != want {
				t.Errorf("%v against %v: %d, want %d", in[i], in[j], got, want)
			}
		}
		if back, err := voc.ParseRevision(in[i].String()); err != nil || back != in[i] {
			t.Errorf("%s came back as %v, %v", in[i], back, err)
		}
	}
	for _, s := range []string{"", "a/b/c/d/e", "2026-10-05T00:00:00.000000Z/a/x/0/0"} {
		if _, err := voc.ParseRevision(s); err == nil {
			t.Errorf("%q was parsed", s)
		}
	}
}

func compareInt(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
