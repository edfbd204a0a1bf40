package decode_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/voc"
)

const head = "mapping: koe.mapping/1\nsource: crm\nchannel: form\ntext: 内容\n"

func mapping(t testing.TB, yaml string) *decode.Mapping {
	t.Helper()
	m, err := decode.ParseMapping("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// row maps one row and decodes it.
func row(t *testing.T, yaml, header, cells string) (voc.Contact, error) {
	t.Helper()
	next, err := mapping(t, yaml).Rows(strings.Split(header, "|"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := next(strings.Split(cells, "|"))
	if err != nil {
		return voc.Contact{}, err
	}
	changes, err := decoder(t).Decode(message("file", string(value)))
	if err != nil {
		return voc.Contact{}, err
	}
	if len(changes) == 0 {
		return voc.Contact{}, nil
	}
	return changes[0].Contact, nil
}

func TestMappingMapsEveryField(t *testing.T) {
	const yaml = `
mapping: koe.mapping/1
source: {column: 拠点, values: {東: east}, default: west}
channel: {column: 経路, values: {電話: call, メール: mail}, default: form}
direction: {column: 発着, values: {発: outbound, 着: inbound}}
id: [番号, 枝番]
occurred_at: [受付日, 時刻]
ended_at: {columns: 終了, formats: [dmy]}
updated_at: 更新
customer_key: 顧客
thread_id: 案件
product: {column: 品番, values: {A1: 浄水器A}}
lot: ロット
shop: 店
queue: 窓口
agent_key: 担当
disposition: 完了
categories: [[大分類, 中分類], 大分類]
attrs: {年代: 年齢, 会員: 会員}
nps: {column: 評価, values: {最高: 10}}
csat: 満足
handling: {talk_seconds: 通話, transfers: 転送}
note: [メモ, メモ#2]
answer: 回答
parts: [理由, {column: 理由#2, question: 二つ目は}, {column: "column#30", question_column: 設問}]
text: 内容
no_answer: ["-", なし]
escapes: true
`
	const header = "拠点|経路|発着|番号|枝番|受付日|時刻|終了|更新|顧客|案件|品番|ロット|店|窓口|担当|完了|大分類|中分類|年齢|会員|評価|満足|通話|転送|メモ|メモ|回答|理由||理由|設問|内容"
	got, err := row(t, yaml, header, "東|電話|発|12|3|2026/10/5|9:05|5/10/2026 10:00|2026-10-06|K|T|A1|L|梅田|一次|a|済|配送|遅延|30代|-|最高|４|60|1|一行目|二行目|お詫び|遅い|自由|高い|なぜ|本文\\n続き")
	if err != nil {
		t.Fatal(err)
	}
	jst, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Skip("no time zone database:", err)
	}
	want := voc.Contact{
		ID: raw("12-3"), Source: raw("east"), Channel: voc.ChannelCall, Direction: voc.Outbound,
		OccurredAt: time.Date(2026, 10, 5, 9, 5, 0, 0, jst), EndedAt: time.Date(2026, 10, 5, 10, 0, 0, 0, jst), UpdatedAt: time.Date(2026, 10, 6, 0, 0, 0, 0, jst),
		CustomerKey: raw("K"), ThreadID: raw("T"), Product: raw("浄水器A"), Lot: raw("L"), Shop: raw("梅田"), Queue: raw("一次"), AgentKey: raw("a"), Disposition: raw("済"),
		Categories: []voc.Raw{raw("配送/遅延"), raw("配送")}, Attrs: []voc.RawAttr{{Name: raw("年代"), Value: raw("30代")}},
		NPS: new(10), CSAT: new(4), Handling: voc.Handling{Talk: new(60), Transfers: new(1)},
		Note: raw("一行目\n二行目"), Answer: raw("お詫び"), Text: raw("本文\n続き"),
		Parts: []voc.RawPart{{Question: raw("理由"), Text: raw("遅い")}, {Question: raw("二つ目は"), Text: raw("高い")}, {Question: raw("なぜ"), Text: raw("自由")}},
	}
	if d := cmp.Diff(want, got, reveal); d != "" {
		t.Error(d)
	}
}

func TestTimesAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]string{
		"2024/4/1 9:05":             "2024-04-01T09:05:00+09:00",
		"2024-05-01 23:36:34":       "2024-05-01T23:36:34+09:00",
		"２０２４／４／１　９：０５":             "2024-04-01T09:05:00+09:00",
		"2024年4月1日(月) 午後3時5分":       "2024-04-01T15:05:00+09:00",
		"2024年4月1日 9時":              "2024-04-01T09:00:00+09:00",
		"2024.4.1":                  "2024-04-01T00:00:00+09:00",
		"20240401":                  "2024-04-01T00:00:00+09:00",
		"20240401093000":            "2024-04-01T09:30:00+09:00",
		"2024-05-01T23:36:34.5Z":    "2024-05-01T23:36:34.5Z",
		"2024-05-01 23:36:34 +0100": "2024-05-01T23:36:34+01:00",
		"R6.4.1":                    "2024-04-01T00:00:00+09:00",
		"r6/4/1 12:00":              "2024-04-01T12:00:00+09:00",
		"令和元年5月1日":                  "2019-05-01T00:00:00+09:00",
		"㍻31年4月30日":                 "2019-04-30T00:00:00+09:00",
		"S63-1-2":                   "1988-01-02T00:00:00+09:00",
		"令和6年4月":                    "2024-04-15T00:00:00+09:00",
		"2024-04":                   "2024-04-15T00:00:00+09:00",
		"202404":                    "2024-04-15T00:00:00+09:00",
		"45383":                     "2024-04-01T00:00:00+09:00",
		"45383.37847222":            "2024-04-01T09:05:00+09:00",
		"4/1/24":                    "",
		"2024/2/30":                 "",
		"2024/4/1 25:00":            "",
		"2024/4/1 午後15:00":          "",
		"昨日":                        "",
		"1711929900":                "",
	} {
		got, err := row(t, head+"occurred_at: {columns: 日, day: 15}", "日|内容", in+"|x")
		if want == "" {
			if err == nil || err.Error() != "missing at id" && err.Error() != "value at occurred_at" {
				t.Errorf("%s: %v, %v; want a dead letter that names the field", in, got.OccurredAt, err)
			}
			continue
		}
		if err != nil || got.OccurredAt.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %s, %v; want %s", in, got.OccurredAt.Format(time.RFC3339Nano), err, want)
		}
	}
	for form, in := range map[string]string{"mdy": "4/1/2024 9:05 AM", "dmy": "1/4/2024 9:05", "unix": "1711929900", "unix_ms": "1711929900000"} {
		got, err := row(t, head+"occurred_at: {columns: [日], formats: ["+form+"]}", "日|内容", in+"|x")
		if s := got.OccurredAt.Format(time.RFC3339); err != nil || s != "2024-04-01T09:05:00+09:00" {
			t.Errorf("%s %s: got %s, %v", form, in, s, err)
		}
	}
}

func TestBadCellsAreDeadLettersThatNameTheField(t *testing.T) {
	for _, tc := range []struct{ yaml, header, cells, want string }{
		{head + "nps: 点", "内容|点", "x|7点", "type at nps"},
		{head + "nps: 点", "内容|点", "x|11", "value at nps"},
		{head + "occurred_at: 日", "内容|日", "x|不明", "value at occurred_at"},
		{head + "id: 番号", "内容|番号", "x|", "missing at id"},
		{head + "handling: {talk_seconds: 秒}", "内容|秒", "x|1:30", "type at handling.talk_seconds"},
		{"mapping: koe.mapping/1\nsource: a\nchannel: {column: 経路}\ntext: 内容", "内容|経路", "x|FAX", "value at channel"},
		{head, "内容|余", "x", "syntax"},
		{head, "内容", "x|y", "syntax"},
	} {
		if _, err := row(t, tc.yaml, tc.header, tc.cells); err == nil || err.Error() != tc.want {
			t.Errorf("%s: got %v, want %s", tc.cells, err, tc.want)
		}
	}
}

func TestRowsThatHoldNothing(t *testing.T) {
	for yaml, cells := range map[string]string{
		head: " |　", head + "no_answer: [なし]": " なし |x", head + "#": "|x",
		head + "short_rows: true": "",
	} {
		c, err := row(t, yaml, "内容|他", cells)
		if err != nil || !c.Empty() {
			t.Errorf("%q: %v; want nothing", cells, err)
		}
	}
	if c, err := row(t, head+"short_rows: true", "内容|他", "短い"); err != nil || c.Text.Reveal() != "短い" {
		t.Errorf("short row: %v", err)
	}
	if c, err := row(t, head, "内容|他", "末尾|x||"); err != nil || c.Text.Reveal() != "末尾" {
		t.Errorf("trailing commas: %v", err)
	}
}

func TestRowsWithoutID(t *testing.T) {
	next, err := mapping(t, head).Rows([]string{"内容", "年"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var ids []string
	for _, cells := range [][]string{{"同じ", "1"}, {"同じ", "2"}, {"同じ", "1"}, {"同じ1", ""}} {
		value, err := next(cells)
		if err != nil {
			t.Fatal(err)
		}
		id := one(t, "x", string(value)).ID.Reveal()
		ids = append(ids, id)
		seen[id] = true
	}
	if len(seen) != 4 || ids[2] != strings.TrimSuffix(ids[0], "0")+"1" {
		t.Errorf("ids %q", ids)
	}
}

func TestObjects(t *testing.T) {
	next := mapping(t, `
mapping: koe.mapping/1
source: bot
channel: chat
id: id
occurred_at: meta.start
product: items.1.name
attrs: {点: a.b, 有効: flag, 数: meta.n}
turns: {path: turns, speaker: who, text: text, at: at, speakers: {user: customer}}
`).Objects()
	value, err := next([]byte(`{"id":7,"meta":{"start":"2026/10/5 9:00","n":1.50},"items":[{},{"name":"蛇口"}],"a.b":"可","flag":true,
		"turns":[{"who":"user","text":"水が出ない","at":"2026-10-05 09:00:01","act":null},{"who":"agent","text":"はい"}],"else":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := one(t, "x", string(value))
	got.OccurredAt = got.OccurredAt.UTC()
	got.Turns[0].At = got.Turns[0].At.UTC()
	want := voc.Contact{
		ID: raw("7"), Source: raw("bot"), Channel: voc.ChannelChat, OccurredAt: time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC), Product: raw("蛇口"),
		Attrs: []voc.RawAttr{{Name: raw("数"), Value: raw("1.50")}, {Name: raw("有効"), Value: raw("true")}, {Name: raw("点"), Value: raw("可")}},
		Turns: []voc.RawTurn{{Speaker: voc.Customer, At: time.Date(2026, 10, 5, 0, 0, 1, 0, time.UTC), Text: raw("水が出ない")}, {Speaker: voc.Agent, Text: raw("はい")}},
	}
	if d := cmp.Diff(want, got, reveal); d != "" {
		t.Error(d)
	}
	for line, want := range map[string]string{
		`{"id":"1","turns":"x"}`:                         "type at turns",
		`{"id":"1","turns":["x"]}`:                       "type at turns[0]",
		`{"id":"1","turns":[{"who":"user","text":[1]}]}`: "type at turns[0].text",
		`{"id":"1","turns":[{"who":"猫"}]}`:               "value at turns[0].speaker",
		`{"id":{"a":1}}`:                                 "",
		`[1]`:                                            "syntax",
		`{"id":"1"} {}`:                                  "syntax",
		`{`:                                              "syntax",
		`null`:                                           "syntax",
	} {
		value, err := next([]byte(line))
		if err == nil {
			_, err = decoder(t).Decode(message("x", string(value)))
		}
		if fmt.Sprint(err) != want && (want != "" || err != nil) {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
}

func TestMappingFilesAreStrict(t *testing.T) {
	for yaml, want := range map[string]string{
		"":                                    "empty",
		"mapping: koe.mapping/2\n":            "koe.mapping/1",
		"mapping: koe.mapping/1\ntext: a":     "source: required",
		"mapping: koe.mapping/1\nsource: a":   "channel: required",
		head + "colour: red":                  "colour",
		head + "product: {colum: x}":          `unknown key "colum"`,
		head + "parts: [{question: x}]":       "number 1 wants a column",
		head + "occurred_at: {formats: [us]}": `no time format "us"`,
		head + "occurred_at: {day: 31}":       "1 to 28",
		head + "zone: Tokyo":                  "Asia/Tokyo",
		head + "encoding: sjis":               "cp932",
		head + "handling: {talk: x}":          "talk_seconds",
		head + "turns: {path: x}":             "required",
		head + "skip_rows: -1":                "0 or more",
		"mapping: koe.mapping/1\nsource: a\nchannel: fax\ntext: a":                         `"fax"`,
		"mapping: koe.mapping/1\nsource: a\nchannel: {column: a, values: {b: c}}\ntext: a": `"c"`,
		"mapping: koe.mapping/1\nsource: a\nchannel: call":                                 "no words",
		head + "text: twice": "already",
	} {
		_, err := decode.ParseMapping("m.yaml", []byte(yaml))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "m.yaml") {
			t.Errorf("%q: got %v, want %s", yaml, err, want)
		}
	}
	if _, err := mapping(t, head).Rows([]string{"本文", "年"}); err == nil || !strings.Contains(err.Error(), `"内容"`) {
		t.Errorf("missing column: %v", err)
	}
	if _, err := mapping(t, head+"turns: {path: a, speaker: b, text: c}").Rows([]string{"内容"}); err == nil {
		t.Error("turns for rows: no error")
	}
}

func TestHashIsOfMeaning(t *testing.T) {
	a, b, c := mapping(t, head), mapping(t, "# Kommentar\n"+head), mapping(t, head+"nps: 点")
	if a.Hash() != b.Hash() || a.Hash() == c.Hash() || len(a.Hash()) != 64 {
		t.Errorf("hashes %s %s %s", a.Hash(), b.Hash(), c.Hash())
	}
}

func ExampleParseMapping() {
	m, err := decode.ParseMapping("crm.yaml", []byte(`
mapping: koe.mapping/1
source: crm
channel: {column: 受付チャネル, values: {電話: call}}
id: 受付番号
occurred_at: [受付日, 時刻]
note: 応対メモ
nps: NPS
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	next, err := m.Rows([]string{"受付番号", "受付日", "時刻", "受付チャネル", "応対メモ", "NPS"})
	if err != nil {
		fmt.Println(err)
		return
	}
	value, err := next([]string{"A-17", "R8.10.5", "9:05", "電話", "届かないとのこと。", "３"})
	fmt.Println(string(value), err)
	// Output:
	// {"id":"A-17","source":"crm","channel":"call","occurred_at":"2026-10-05T09:05:00+09:00","nps":3,"note":"届かないとのこと。"} <nil>
}

func FuzzMappingRow(f *testing.F) {
	f.Add("A-1\x1f2024/4/1\x1f遅い\x1f7", `{"id":"1","t":[{"w":"user","x":"a"}]}`)
	f.Add("\x1fR6.4.1 25:61\x1f-\\n\x1f99999999999", `{"t":{"a":[]},"d":1e400}`)
	f.Add("\xff\x00\x1f45383.99999999\x1f\"\x1f１０.0", `[]`)
	rows := mapping(f, "mapping: koe.mapping/1\nsource: a\nchannel: {column: 文, default: form}\nid: 番\noccurred_at: 日\nnps: 点\ntext: 文\nparts: [文]\nescapes: true\nno_answer: ['-']")
	objects := mapping(f, "mapping: koe.mapping/1\nsource: a\nchannel: chat\nid: id\noccurred_at: d\nturns: {path: t, speaker: w, text: x, at: d}")
	d := decoder(f)
	check := func(t *testing.T, value []byte, err error) {
		if err == nil {
			_, err = d.Decode(voc.Message{Value: value})
		}
		if err != nil && err.Error() == "syntax" && value != nil {
			t.Fatalf("the mapping wrote what is no JSON: %q", value)
		}
	}
	f.Fuzz(func(t *testing.T, cells, object string) {
		next, err := rows.Rows([]string{"番", "日", "文", "点"})
		if err != nil {
			t.Fatal(err)
		}
		value, err := next(strings.Split(cells, "\x1f"))
		check(t, value, err)
		value, err = objects.Objects()([]byte(object))
		check(t, value, err)
	})
}
