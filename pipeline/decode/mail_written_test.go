package decode

import "testing"

func TestWrittenKeepsWhatTheSenderWrote(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"nothing":             {"", ""},
		"no history":          {"届きません。\n急いでいます。", "届きません。\n急いでいます。"},
		"inline answers":      {"> 型番は？\nKS-10です。\n＞ 色は？\n白です。", "KS-10です。\n白です。"},
		"gmail":               {"はい。\n\n2024年4月1日(月) 10:00 サポート <a@example.jp>:\n\n> 確認です。", "はい。"},
		"gmail, english":      {"Thanks.\n\nOn Mon, Apr 1, 2024 at 10:00 AM Support <a@example.jp> wrote:\n> hello", "Thanks."},
		"apple":               {"はい。\n\n2024/04/01 10:00、サポート <a@example.jp>のメール:\n\n> 確認です。", "はい。"},
		"outlook":             {"はい。\n\n-----Original Message-----\nFrom: a\n確認です。", "はい。"},
		"outlook, rule":       {"はい。\n________________________________\n差出人: サポート\n送信日時: 2024年4月1日\n確認です。", "はい。"},
		"a sender in words":   {"差出人: が空欄のまま届きました。\n困っています。", "差出人: が空欄のまま届きました。\n困っています。"},
		"wrote in words":      {"店員が言ったとおりに書きました：\n合っていますか。", "店員が言ったとおりに書きました：\n合っていますか。"},
		"RFC 3676":            {"はい。\n-- \n佐野\nTEL 03-1234-5678", "はい。"},
		"japanese signature":  {"はい。\n\n━━━━━━━━\n株式会社こえ 佐野\n電話 03-1234-5678\n━━━━━━━━", "はい。"},
		"decorated signature": {"はい。\n\n*-*-*-*-*-*-*\n佐野 a@example.jp\n*-*-*-*-*-*-*", "はい。"},
		"a rule in words":     {"商品A\n----------\n壊れていました。\n----------\n商品B\n無事でした。", "商品A\n----------\n壊れていました。\n----------\n商品B\n無事でした。"},
		"telephone":           {"はい。\n\nSent from my iPhone", "はい。"},
		"telephone, japanese": {"はい。\n\niPhoneから送信", "はい。"},
		"only history":        {"> 確認です。\n> お願いします。", ""},
	} {
		if got := written(tc.in); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestHTMLText(t *testing.T) {
	for in, want := range map[string]string{
		"<p>箱が<b>つぶれて</b>いた</p><p>次</p>": "箱がつぶれていた\n次\n",
		"a<br>b<br/>c": "a\nb\nc",
		"<script>alert(1)</script>x&amp;y &lt;z&gt;":               "x&y <z>",
		"<blockquote>引用<blockquote>二重</blockquote></blockquote>本文": "本文",
		"a <i>b</i> c": "a b c",
		"<p":           "",
	} {
		if got := htmlText(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
