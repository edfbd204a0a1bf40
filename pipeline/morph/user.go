package morph

import (
	"fmt"
	"strings"

	kdict "github.com/ikawaha/kagome-dict/dict"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// userWord is an entry of userdict.tsv.
type userWord struct {
	reading string
	pos     voc.POS
}

// userWords reads userdict.tsv: surface, reading in katakana, and the part of
// speech as the IPA dictionary writes it, such as 名詞,サ変接続.
func userWords(t *dict.Table) (map[string]userWord, kdict.UserDictRecords, error) {
	words := make(map[string]userWord, len(t.Rows))
	var records kdict.UserDictRecords
	for _, r := range t.Rows {
		surface := Normalize(r.Get("surface")).Text
		if surface == "" {
			return nil, nil, fmt.Errorf("dictionary file %s line %d: the surface is empty", t.Name, r.Line)
		}
		if _, dup := words[surface]; dup {
			return nil, nil, fmt.Errorf("dictionary file %s line %d: %s stands there already", t.Name, r.Line, surface)
		}
		p := append(strings.Split(r.Get("pos"), ","), "*", "*", "*")
		pos := posOf(p[0], p[1], p[2])
		if pos == voc.OtherPOS {
			return nil, nil, fmt.Errorf("dictionary file %s line %d: unknown part of speech %q; write it like 名詞,サ変接続", t.Name, r.Line, r.Get("pos"))
		}
		words[surface] = userWord{reading: r.Get("reading"), pos: pos}
		records = append(records, kdict.UserDicRecord{
			Text: surface, Tokens: []string{surface}, Yomi: []string{r.Get("reading")}, Pos: r.Get("pos"),
		})
	}
	return words, records, nil
}

// maxPlaceholder bounds a placeholder in bytes.
const maxPlaceholder = 32

// placeholder returns the length of the placeholder that t begins with, 0 if
// there is none.
func placeholder(t string) int {
	if len(t) == 0 || t[0] != '[' {
		return 0
	}
	end := strings.IndexByte(t[:min(len(t), maxPlaceholder)], ']')
	if end < 0 {
		return 0
	}
	switch t[1:end] {
	case "電話", "氏名", "メール", "住所", "郵便番号", "カード", "番号", "生年月日":
		return end + 1
	}
	return 0
}

// kindsOf maps every entry of the system dictionary.
func kindsOf(d *kdict.Dict) []kind {
	kinds := make([]kind, len(d.POSTable.POSs))
	name := func(p kdict.POS, i int) string {
		if i < len(p) {
			return d.POSTable.NameList[p[i]]
		}
		return "*"
	}
	type key [4]kdict.POSID
	seen := map[key]kind{}
	for id, p := range d.POSTable.POSs {
		var k key
		for i, j := range [4]int{0, 1, 2, 5} {
			if j < len(p) {
				k[i] = p[j]
			}
		}
		v, ok := seen[k]
		if !ok {
			v = kind{posOf(name(p, 0), name(p, 1), name(p, 2)), inflectionOf(name(p, 5))}
			seen[k] = v
		}
		kinds[id] = v
	}
	return kinds
}
