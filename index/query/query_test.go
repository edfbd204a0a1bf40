package query_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/index/query"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]query.Query{
		"":                          query.All{},
		"　 ":                        query.All{},
		"届かない":                      query.Words{Text: "届かない"},
		"配送　遅い":                     query.And{query.Words{Text: "配送"}, query.Words{Text: "遅い"}},
		"配送 AND 遅い":                 query.And{query.Words{Text: "配送"}, query.Words{Text: "遅い"}},
		"返金 OR 交換 品":                query.Or{query.Words{Text: "返金"}, query.And{query.Words{Text: "交換"}, query.Words{Text: "品"}}},
		"「折り返し 連絡」":                 query.Words{Text: "折り返し 連絡", Phrase: true},
		"返金 -交換":                    query.And{query.Words{Text: "返金"}, query.Not{query.Words{Text: "交換"}}},
		"NOT (a OR b)":              query.Not{query.Or{query.Words{Text: "a"}, query.Words{Text: "b"}}},
		"ＯＲ":                        query.Words{Text: "ＯＲ"},
		"type：complaint":            query.Field{Name: "type", Value: "complaint"},
		"risk:*":                    query.Field{Name: "risk", Value: "*"},
		`product:"炊飯器 KM-10"`:       query.Field{Name: "product", Value: "炊飯器 KM-10"},
		"product:炊飯器*":              query.Field{Name: "product", Value: "炊飯器", Prefix: true},
		"voice:complaint/delivery":  query.Voice{Type: "complaint", Aspect: "delivery"},
		"voice:*/delivery":          query.Voice{Aspect: "delivery"},
		"voice:complaint/*":         query.Voice{Type: "complaint"},
		"nps:<=6":                   query.Range{Name: "nps", Min: query.NoMin, Max: 6},
		"nps:<6":                    query.Range{Name: "nps", Min: query.NoMin, Max: 5},
		"csat:3..4":                 query.Range{Name: "csat", Min: 3, Max: 4},
		"since:2026/10/1":           query.Days{From: "2026-10-01"},
		"until:2026-10-31":          query.Days{To: "2026-10-31"},
		"10:30":                     query.Words{Text: "10:30"},
		"voice:complaint/safety/身体": query.Voice{Type: "complaint", Aspect: "safety", Sub: "身体"},
	} {
		got, err := query.Parse(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", line, d)
		}
	}
}

func TestErrorsSayWhereAndWhatToWrite(t *testing.T) {
	for line, want := range map[string]string{
		"配送 tyep:complaint": `query at 4: there is no field "tyep"; write type:, or quote the word if it is one`,
		"type:complain":     `query at 1: type: has no value "complain"; write one of complaint, expectation, praise, inquiry`,
		"(返金":               `query at 1: the bracket is not closed; put ) behind the group`,
		"返金)":               `query at 3: a closing bracket has no opening one; take it away or put ( before`,
		`"返金`:               `query at 1: the quote is not closed; put " behind the phrase`,
		"返金 OR":             `query at 6: OR has nothing behind it; write a word there`,
		"OR 返金":             `query at 1: OR has nothing before it; write a word there`,
		"nps:high":          `query at 1: nps: "high" is not a number; write nps:9, nps:<=6 or nps:3..6`,
		"since:yesterday":   `query at 1: since: "yesterday" is not a day; write it like since:2026-10-05`,
		"voice:complaint":   `query at 1: voice: "complaint" has no aspect; write voice:complaint/delivery, voice:complaint/* or voice:*/delivery`,
		"product:":          `query at 1: product: has no value; write it behind the colon, without a space`,
		"-":                 `query at 1: there is nothing to leave out; write a word behind the sign`,
		"()":                `query at 1: the brackets are empty; write a word between them`,
	} {
		_, err := query.Parse(line)
		var e *query.Error
		if !errors.As(err, &e) || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", line, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a OR (b -c)", `product:"x y"*`, "「", "nps:3..6 since:2026-1-1", "voice:*/*", "NOT NOT a", "--a", "----------------a", "--------------------(a b)", "type:", "：：", "AND", "a AND OR b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		q, err := query.Parse(line)
		if err != nil {
			return
		}
		again, err := query.Parse(q.String())
		if err != nil {
			t.Fatalf("%q became %q: %v", line, q, err)
		}
		if d := cmp.Diff(q, again); d != "" {
			t.Fatalf("%q became %q: %s", line, q, d)
		}
	})
}

func ExampleParse() {
	q, err := query.Parse("届かない voice:complaint/delivery -解約")
	fmt.Println(q, err)
	_, err = query.Parse("tpye:praise")
	fmt.Println(err)
	// Output:
	// 届かない voice:complaint/delivery -解約 <nil>
	// query at 1: there is no field "tpye"; write type:, or quote the word if it is one
}
