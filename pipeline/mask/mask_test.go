package mask_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

var _ pipeline.Masker = (*mask.Masker)(nil)

func masker(t testing.TB) *mask.Masker {
	t.Helper()
	m, err := keyed(t, mask.Keys{[]byte("a key of sixteen bytes or more")})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// keyed makes a masker of the built-in dictionary.
func keyed(t testing.TB, keys mask.Keys) (*mask.Masker, error) {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	words, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return mask.New(d, words, keys)
}

func TestText(t *testing.T) {
	m := masker(t)
	for text, want := range map[string]string{
		"折り返しは090-1234-5678まで":       "折り返しは[電話]まで",
		"０３（１２３４）５６７８へ":              "[電話]へ",
		"ゼロ九ゼロの一二三四の五六七八です":          "[電話]です",
		"ゼロハチゼロ、イチニーサンヨン、ゴーロクナナハチです": "[電話]です",
		"+81-90-1234-5678":              "[電話]",
		"0120-333-906は混んでいる":            "0120-333-906は混んでいる",
		"型番090-1234-5678の部品":            "型番090-1234-5678の部品",
		"AB-090-1234-5678の部品":           "AB-090-1234-5678の部品",
		"taro.y@example.jp宛":            "[メール]宛",
		"taro アットマーク example ドット コム です": "[メール] です",
		"カード4111 1111 1111 1111で":       "カード[カード]で",
		"〒１００－０００１":                     "[郵便番号]",
		"会員番号:A1234567です":               "会員番号:[番号]です",
		"口座は普通1234567":                  "口座は普通[番号]",
		"生年月日は昭和60年3月2日":                "生年月日は[生年月日]",
		"S60.3.2生まれ":                    "[生年月日]生まれ",
		"10月3日に届いた":                     "10月3日に届いた",
		"発行日昭和60年3月2日の証書":               "発行日昭和60年3月2日の証書",
		"佐野様より入電":                       "[氏名]様より入電",
		"担当:鈴木":                         "担当:[氏名]",
		"タカハシと申します":                     "[氏名]と申します",
		"【氏名】大槻　健太郎【内容】返品":              "【氏名】[氏名]【内容】返品",
		"お客様より、担当者様へ。店員さんは皆さん親切":        "お客様より、担当者様へ。店員さんは皆さん親切",
		"東京都千代田区丸の内1-2-3 青空ビル405号室へ送って": "東京都[住所]へ送って",
		"横浜市港北区新横浜二丁目三番四号":              "[住所]",
		"3丁目の角":                         "3丁目の角",
		"値段は12,345円、番号は1番":              "値段は12,345円、番号は1番",
		"〇一二三":                          "〇一二三",
		"":                              "",
	} {
		got, spans := m.Text(voc.NewRaw(text))
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
		runes := []rune(text)
		for _, s := range spans {
			if s.From < 0 || s.To > len(runes) || s.From >= s.To {
				t.Errorf("%s: span %v outside the text", text, s)
			}
		}
	}
}

func TestMaskBuildsARecordWithoutRaw(t *testing.T) {
	m := masker(t)
	raw := voc.NewRaw
	at := time.Date(2026, 10, 5, 1, 2, 3, 0, time.UTC)
	rec, err := m.Mask(voc.Contact{
		ID: raw("A-1"), Source: raw("crm"), Channel: voc.ChannelChat, CustomerKey: raw("C-9"), AgentKey: raw("op1"), Shop: raw("新宿店"),
		Turns: []voc.RawTurn{{Speaker: voc.Agent, Text: raw("担当の鈴木です")}, {Speaker: voc.Customer, At: at, Text: raw("090-1234-5678の\x00佐野様宛")}},
		Note:  raw("折電済"),
		Parts: []voc.RawPart{{Question: raw("ご意見"), Text: raw("なし")}, {Question: raw("電話"), Text: voc.Raw{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "担当の[氏名]です\n[電話]の[氏名]様宛\n折電済\nご意見\nなし"
	if d := cmp.Diff(want, rec.Text); d != "" {
		t.Error(d)
	}
	var roles []string
	for _, s := range rec.Segments {
		roles = append(roles, string(s.Role)+":"+rec.Slice(s.Span))
	}
	if d := cmp.Diff([]string{"agent:担当の[氏名]です", "customer:[電話]の[氏名]様宛", "note:折電済", "question:ご意見", "part:なし"}, roles); d != "" {
		t.Error(d)
	}
	if !rec.Segments[1].At.Equal(at) || rec.ID != "crm/A-1" || rec.Shop != "新宿店" || rec.Masked["person"] != 2 || rec.Masked["phone"] != 1 {
		t.Errorf("record: %+v", rec)
	}
	if rec.CustomerKey == "C-9" || !strings.HasPrefix(rec.CustomerKey, "h1:") || rec.CustomerKey == rec.AgentKey {
		t.Errorf("keys are not hashed: %s %s", rec.CustomerKey, rec.AgentKey)
	}
}

func TestIdentity(t *testing.T) {
	m := masker(t)
	for id, plain := range map[string]bool{
		"A-1": true, "2026.10:7_x": true, "09012345678": false, "090-1234-5678": false, "4111111111111111": false,
		"taro@example.jp": false, "山田": false, "": false, "a/b": false, "h1:abc": false, "20261005000123": true,
	} {
		got := m.RecordID(voc.NewRaw("crm"), voc.NewRaw(id))
		if (got == "crm/"+id) != plain {
			t.Errorf("%q became %q", id, got)
		}
		if again := m.RecordID(voc.NewRaw("crm"), voc.NewRaw(id)); again != got {
			t.Errorf("%q became %q and %q", id, got, again)
		}
	}
	if got := m.RecordID(voc.NewRaw("03-1234-5678"), voc.NewRaw("1")); strings.Contains(got, "1234") {
		t.Errorf("a source that is a telephone number became %q", got)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"佐野様 090-1234-5678", "ﾃﾞﾝﾜ０３－１２３４－５６７８", "a@b.jp アットマーク", "昭和元年一月一日生", "〒(1", "[電話]様", "\xff様\u200f", "一二三四五六七八九〇一", "氏名:"} {
		f.Add(s)
	}
	m := masker(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "?") // decoders give valid text
		}
		masked, spans := m.Text(voc.NewRaw(text))
		last := 0
		for _, s := range spans {
			if s.From < last || s.To <= s.From || s.To > utf8.RuneCountInString(text) {
				t.Fatalf("spans out of order or outside: %v", spans)
			}
			last = s.To
		}
		if len(spans) == 0 && masked != text {
			t.Fatal("text changed without a span")
		}
	})
}

// BenchmarkMask measures what the masker costs a contact: a call note with
// personal data, and what most text is, without.
func BenchmarkMask(b *testing.B) {
	m := masker(b)
	for name, text := range map[string]string{
		"note": "佐野様（090-1234-5678）より入電。先週注文した炊飯器がまだ届かないとのこと。配送会社に確認のうえ、本日中に折り返す旨ご案内。東京都千代田区丸の内1-2-3へ再送希望。",
		"plain": "先週注文した加湿器がまだ届きません。配送状況を見ても「準備中」のままで、何度電話してもつながらず、" +
			"チャットでは折り返すと言われたのに連絡がありません。急いでいるので、発送日だけでも教えていただけますか。\n" +
			"アプリの通知も来ないため、SMSでの連絡を希望します!",
		// What is long and all cues takes as long for a byte as what is short.
		"long": strings.Repeat("担当の佐藤様ドットアット一番1-電話", 5000),
	} {
		b.Run(name, func(b *testing.B) {
			raw := voc.NewRaw(text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				m.Text(raw)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}
