package decode

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

func (p *proposal) chooseChannel() {
	for _, c := range p.free() {
		if !c.named("チャネル", "チャンネル", "経路", "受付方法", "受付手段", "媒体", "channel", "media", "メディア", "call type") || len(c.kinds) > 12 {
			continue
		}
		values := map[string]string{}
		for v := range c.kinds {
			if ch := channelWord(v); ch != "" {
				values[v] = ch
			}
		}
		kinds := slices.Compact(slices.Sorted(maps.Values(values)))
		switch {
		case len(kinds) == 0:
			continue
		case len(kinds) == 1: // it tells something else, such as incoming and outbound
			p.fixed = kinds[0]
			return
		}
		p.take(c, "channel")
		p.channel, p.channels = &c, values
		if n := len(c.kinds) - len(values); n > 0 {
			p.guesses = append(p.guesses, fmt.Sprintf("channel: %d other values of the column are none of koe's channels; their rows become dead letters", n))
		}
		return
	}
}

// calls tells whether most rows are calls, of which the operator writes down
// what was said.
func (p *proposal) calls() bool {
	if p.channel == nil {
		return p.fixed == "call"
	}
	return p.channel.share(func(v string) bool { return p.channels[v] == "call" }) > 0.5
}

// channelWord maps what people write for a channel, empty if it knows nothing.
func channelWord(v string) string {
	v = strings.ToLower(norm.NFKC.String(v))
	for _, w := range []struct{ word, is string }{
		{"電話", "call"},
		{"入電", "call"},
		{"通話", "call"},
		{"voice", "call"},
		{"phone", "call"},
		{"call", "call"},
		{"incoming", "call"},
		{"outbound", "call"},
		{"チャット", "chat"},
		{"chat", "chat"},
		{"line", "chat"},
		{"mail", "mail"},
		{"メール", "mail"},
		{"フォーム", "form"},
		{"form", "form"},
		{"web", "form"},
		{"応対メモ", "call"},
		{"sns", "sns"},
		{"twitter", "sns"},
		{"アンケート", "survey"},
		{"survey", "survey"},
		{"ビデオ", "video"},
		{"video", "video"},
	} {
		if strings.Contains(v, w.word) {
			return w.is
		}
	}
	return ""
}

// guessChannel takes the channel from what the columns are called.
func (p *proposal) guessChannel() {
	has := func(words ...string) bool {
		return slices.ContainsFunc(p.columns, func(c columnFacts) bool { return c.named(words...) })
	}
	switch {
	case len(p.parts) > 0:
		p.fixed = "survey"
	case has("通話", "コール", "入電", "着信", "call", "オペレ", "応対"):
		p.fixed = "call"
	case has("件名", "差出人", "subject", "from", "受信"):
		p.fixed = "mail"
	case has("チャット", "chat"):
		p.fixed = "chat"
	default:
		p.fixed = "form"
	}
	p.guesses = append(p.guesses, "channel: "+cmp.Or(p.fixed, "form")+" is a guess from the headers")
}
