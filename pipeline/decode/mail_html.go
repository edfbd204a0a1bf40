package decode

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var whiteSpace = regexp.MustCompile(`[ \t\r\n]+`)

// htmlText returns the words of an HTML text, a line for each block. Scripts,
// styles, the title and quoted history (blockquote) are left out.
func htmlText(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(MaxText)
	hidden := 0 // open elements whose text is not shown
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(whiteSpace.ReplaceAllString(string(z.Text()), " "))
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			if hides(name) {
				hidden++
			}
			breakLine(&b, name, hidden)
		case html.EndTagToken:
			name, _ := z.TagName()
			if hides(name) && hidden > 0 {
				hidden--
			}
			breakLine(&b, name, hidden)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			breakLine(&b, name, hidden)
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

func hides(tag []byte) bool {
	return slices.Contains([]atom.Atom{atom.Script, atom.Style, atom.Title, atom.Blockquote}, atom.Lookup(tag))
}

func breakLine(b *strings.Builder, tag []byte, hidden int) {
	blocks := []atom.Atom{atom.Br, atom.P, atom.Div, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.Table, atom.Hr, atom.Blockquote}
	if hidden == 0 && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") && slices.Contains(blocks, atom.Lookup(tag)) {
		b.WriteByte('\n')
	}
}
