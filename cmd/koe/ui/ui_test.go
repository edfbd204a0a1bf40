package ui_test

import (
	"strings"
	"testing"

	"github.com/koe-voc/koe/cmd/koe/ui"
)

func TestColumnsLineUpByDisplayWidth(t *testing.T) {
	var b strings.Builder
	table := ui.Table{Header: []string{"商品", "n"}, Right: []bool{false, true}, Rows: [][]string{{"炊飯器 KM-10", "5"}, {"ｶﾅ", "1,200"}, {"👍🏽", "3"}}}
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := "商品              n\n炊飯器 KM-10      5\nｶﾅ            1,200\n👍🏽                3\n"
	if b.String() != want {
		t.Errorf("\n%s\nwant\n%s", b.String(), want)
	}
}

func TestNoBarOffATerminal(t *testing.T) {
	var b strings.Builder
	p := ui.NewProgress(&b, true, 100, "loading")
	p.Set(50)
	p.Done()
	if b.Len() > 0 {
		t.Errorf("wrote %q", b.String())
	}
}
