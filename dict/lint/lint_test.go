package lint_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/dict/lint"
	"github.com/koe-voc/koe/pipeline/morph"
)

func words(t *testing.T) *morph.Analyzer {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	a, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sample holds つな only as a part of つながらない, 電話 as a word.
func sample() []string { return slices.Repeat([]string{"電話が全然つながらない。"}, 5) }

func check(t *testing.T, base, site fs.FS) []lint.Finding {
	t.Helper()
	d, err := dict.New(base, site)
	if err != nil {
		t.Fatal(err)
	}
	found, err := lint.Check(d, base, site, words(t), sample())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The dictionary that koe comes with has no errors.
func TestTheBuiltInDictionaryPasses(t *testing.T) {
	for _, f := range check(t, dict.Builtin(), nil) {
		t.Logf("%s line %d (%s): %s: %s; %s", f.File, f.Line, f.ID, f.Check, f.Text, f.Todo)
		if f.Severity == lint.Error {
			t.Fail()
		}
	}
}

// Headers of the tables that koe knows.
const (
	aspects     = "id\tterm\taspect\tsub\ttouchpoint\tweight\n"
	evaluations = "id\tterm\tpos\tpolarity\tnegated\taspect\tbeside\tquality\n"
	expressions = "id\tpattern\ttype\taspect\tsub\tpolarity\tconfidence\tquality\twhen\n"
	cues        = "id\tkind\tvalue\tpattern\tweight\twhen\n"
	risks       = "id\tflag\tpattern\twhen\n"
)

func TestWhatIsFound(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"a term twice", "aspects.tsv", aspects + "a\t生地\tproduct\nb\t布|生地\tproduct\n", "3 b warning duplicate"},
		{"of two aspects", "aspects.tsv", aspects + "a\t生地\tproduct\nb\t生地\tprice\n", "3 b error contradiction"},
		{"of two weights", "aspects.tsv", aspects + "a\t生地\tproduct\t\t\t.5\nb\t生地\tprice\n", "3 b error unreachable"},
		{"in another case", "aspects.tsv", aspects + "a\tUSB\tproduct\nb\tusb\tproduct\n", "3 b warning duplicate"},
		{"twice in one entry", "aspects.tsv", aspects + "a\t生地|生地\tproduct\n", "2 a warning duplicate"},
		{"two polarities", "evaluations.tsv", evaluations + "a\t早い\tadj\t1\nb\t早い\tadj\t-1\n", "3 b error unreachable"},
		{"two polarities of one strength", "evaluations.tsv", evaluations + "a\t早い\tadj\t1\tprice\nb\t早い\tadj\t1\t\tprice\n", "3 b error contradiction"},
		{"negated or not is not twice", "evaluations.tsv", evaluations + "a\t届く\tverb\t1\nb\t届く~\tverb\t-1\n", ""},
		{"a pattern of two types", "expressions.tsv", expressions + "a\t話 が 違う\tcomplaint\nb\t話 が 違う\tpraise\n", "3 b error contradiction"},
		{"parted by when", "expressions.tsv", expressions + "a\t話 が 違う\tcomplaint\t\t\t\t\t\tpast\nb\t話 が 違う\tpraise\t\t\t\t\t\t-past\n", ""},
		{"a pattern twice, words in another order", "expressions.tsv", expressions + "a\t早く|すぐ 直す\texpectation\nb\t電話 / すぐ|早く 直す\texpectation\n", "3 b warning duplicate"},
		{"two signs", "expressions.tsv", expressions + "a\t目 が 回る\t\t\t\t1\nb\t目 が 回る\t\t\t\t-2\n", "3 b error contradiction"},
		{"a void covers", "expressions.tsv", expressions + "a\t大変\tvoid\nb\t大変|散々\tcomplaint\nc\t大変~\tcomplaint\n", "3 b warning unreachable, 4 c error unreachable"},
		{"a void does not cover a wish", "expressions.tsv", expressions + "a\t大変\tvoid\nb\t大変\texpectation\n", ""},
		{"asked for and forbidden", "risks.tsv", risks + "a\tchurn\t解約 -解約\n", "2 a error unreachable"},
		{"one word of a place is forbidden", "risks.tsv", risks + "a\tchurn\t解約|退会 -退会\n", "2 a warning unreachable"},
		{"a condition and its absence", "cues.tsv", cues + "a\tcomplaint\t\t困る\t\tpast -past\n", "2 a error unreachable"},
		{"a cue for praise and complaint", "cues.tsv", cues + "a\tcomplaint\t\tまさか\nb\tpraise\t\tまさか\n", "3 b error contradiction"},
		{"no token", "aspects.tsv", aspects + "a\tつな|電話\tproduct\n", "2 a warning unreachable"},
		{"full width", "aspects.tsv", aspects + "a\tＬＥＤ電球\tproduct\n", "2 a error look-alike, 2 a error look-alike, 2 a error look-alike"},
		{"half-width kana", "risks.tsv", risks + "a\tchurn\tｶﾞｽ漏れ\n", "2 a error look-alike, 2 a error look-alike, 2 a error look-alike"},
		{"a minus for a long vowel", "aspects.tsv", aspects + "a\tセミナ－\tproduct\n", "2 a error look-alike"},
		{"a kanji one for a long vowel", "aspects.tsv", aspects + "a\tサ一ビス\tproduct\n", "2 a error look-alike"},
		{"kanji for katakana", "aspects.tsv", aspects + "a\tアメリ力ン\tproduct\nb\tプ口グラム\tproduct\n", "2 a error look-alike, 3 b error look-alike"},
		{"katakana for kanji", "risks.tsv", risks + "a\tinjury\t暴カ行為\n", "2 a warning look-alike"},
		{"three months", "risks.tsv", risks + "a\tinjury\t三カ月|数カ所\n", ""},
		{"hiragana among katakana", "aspects.tsv", aspects + "a\tラべル\tproduct\n", "2 a error look-alike"},
		{"comments count as lines", "risks.tsv", "# one\n" + risks + "# two\n\na\tchurn\t解約 -解約\n", "5 a error unreachable"},
		{"a name twice", "mask_names.tsv", "id\tsurnames\tshort\ns1\t佐藤|鈴木\t\ns2\t鈴木\t\n", "3 s2 warning duplicate"},
		{"a word in two groups", "synonyms.tsv", "id\twords\na\t電話|TEL\nb\t通話|電話\n", "3 b warning duplicate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range check(t, fstest.MapFS{c.file: {Data: []byte(c.text)}}, nil) {
				got = append(got, fmt.Sprintf("%d %s %s %s", f.Line, f.ID, f.Severity, f.Check))
				if f.File != c.file || f.Text == "" || f.Todo == "" || f.Site {
					t.Errorf("%+v", f)
				}
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("found %q, want %q", s, c.want)
			}
		})
	}
}

// A finding names the file that it stands in, also where a site's entry lies
// over a built-in one.
func TestASitesEntriesAreNamedAsTheSites(t *testing.T) {
	base := fstest.MapFS{"risks.tsv": {Data: []byte(risks + "a\tchurn\t解約\nb\tchurn\t退会\n")}}
	site := fstest.MapFS{"risks.tsv": {Data: []byte(risks + "# ours\nb\tchurn\t退会 -退会\nc\tchurn\t解約\n")}}
	found := check(t, base, site)
	if len(found) != 2 || !found[0].Site || found[0].Line != 3 || found[0].ID != "b" || !found[1].Site || found[1].Line != 4 {
		t.Errorf("found %+v", found)
	}
}
