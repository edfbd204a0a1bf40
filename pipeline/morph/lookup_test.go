package morph

import (
	"testing"

	"github.com/koe-voc/koe/dict"
)

func TestUses(t *testing.T) {
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]Uses{
		"佐藤": FamilyName | PlaceName, "花子": GivenName, "届け": CommonWord | OtherWord, "冷蔵庫": CommonWord, "龘龘": 0, "": 0,
	} {
		if got := a.Uses(word); got&want != want || want == 0 && got != 0 {
			t.Errorf("%q is known as %b, want %b", word, got, want)
		}
	}
	found, n := a.Prefixes("長谷川様より")
	var words []string
	for _, p := range found[:n] {
		words = append(words, "長谷川様より"[:p.Len])
	}
	if last := words[len(words)-1]; last != "長谷川" || found[n-1].Uses&FamilyName == 0 {
		t.Errorf("beginnings of 長谷川様より: %q %b", words, found[n-1].Uses)
	}
	readings := map[string]bool{}
	for name, u := range a.Names() {
		if name.Surface == "渡辺" && u == FamilyName {
			readings[name.Reading] = true
		}
	}
	if !readings["ワタナベ"] {
		t.Errorf("渡辺 is read %v", readings)
	}
}
