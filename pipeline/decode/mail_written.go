package decode

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// original begins the history that Outlook and others append.
	original = regexp.MustCompile(`(?i)^[\s>＞]*[-─―ー_＿=*]{2,}\s*(original message|original appointment|forwarded message|元のメッセージ|オリジナルメッセージ|転送(?:されたメッセージ|メッセージ)|begin forwarded message)`)
	// origin is the first line of Outlook's header above history.
	origin = regexp.MustCompile(`(?i)^\s*\*?(from|差出人|送信者|送信元)\*?\s*[:：]\s*\S`)
	// detail is one of the lines that follow origin.
	detail = regexp.MustCompile(`(?i)^\s*\*?(sent|date|to|cc|subject|送信日時|日時|日付|宛先|件名|送信済み)\*?\s*[:：]`)
	// attribution stands above quoted lines.
	attribution = regexp.MustCompile(`(?i)(wrote|writes|のメール|書きました|書いた|さんより|からのメッセージ)\s*[:：]?\s*$|^\s*\d{4}[年/.-].*[<＜(].*[@＠].*[>＞)]\s*[:：]\s*$|^On .*[:：]\s*$`)
	// contactCue tells a signature from words that follow a line of symbols.
	contactCue = regexp.MustCompile(`(?i)tel|fax|電話|携帯|〒|https?://|e-?mail|mail\s*[:：]|[\w.+-]+[@＠][\w-]+\.|株式会社|有限会社|\d{2,4}-\d{2,4}-\d{4}`)
	// device is what a telephone puts below a mail.
	device = regexp.MustCompile(`(?i)^\s*(sent from (my|yahoo|outlook|mail)\b.*|.*(iphone|ipad|android|スマートフォン|スマホ|携帯電話|galaxy|xperia).{0,12}(から|より)送信.*|(get|download) outlook for .*|outlook for (ios|android).*(入手|ダウンロード).*)$`)
)

// maxSignature is the number of lines that a signature has at most; longer ends
// of a mail are words.
const maxSignature = 15

// written returns what the sender of a mail wrote himself. Quoted lines (> or
// ＞), the line above them that says whose they are, and everything from
// "-----Original Message-----" or Outlook's 差出人 block on go; so do what
// follows the line "-- ", a signature between lines of symbols with a telephone
// number, address or the like in it, and "iPhoneから送信". Answers between
// quoted lines stay.
func written(text string) string {
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = withoutHistory(lines)
	lines = withoutSignature(lines)
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func withoutHistory(lines []string) []string {
	var out []string
	for i, l := range lines {
		switch {
		case original.MatchString(l), origin.MatchString(l) && detailFollows(lines[i+1:]):
			for len(out) > 0 && blankOrRule(out[len(out)-1]) {
				out = out[:len(out)-1]
			}
			return out
		case quoted(l), attribution.MatchString(l) && quoteFollows(lines[i+1:]):
		default:
			out = append(out, l)
		}
	}
	return out
}

func quoted(line string) bool {
	line = strings.TrimLeftFunc(line, unicode.IsSpace)
	return strings.HasPrefix(line, ">") || strings.HasPrefix(line, "＞")
}

// quoteFollows skips blank lines and the second half of a long attribution.
func quoteFollows(lines []string) bool {
	for i, l := range lines {
		switch {
		case quoted(l):
			return true
		case strings.TrimSpace(l) != "" || i > 2:
			return false
		}
	}
	return false
}

func detailFollows(lines []string) bool {
	for i, l := range lines {
		if detail.MatchString(l) {
			return true
		}
		if i == 2 {
			break
		}
	}
	return false
}

func blankOrRule(line string) bool { return strings.TrimSpace(line) == "" || rule(line) }

// rule reports a line of one or two symbols, as signatures are framed with.
func rule(line string) bool {
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) < 5 {
		return false
	}
	seen := map[rune]bool{}
	for _, r := range line {
		if unicode.IsLetter(r) && r != 'ー' || unicode.IsDigit(r) {
			return false
		}
		if !unicode.IsSpace(r) {
			seen[r] = true
		}
	}
	return len(seen) <= 4 && len(seen) > 0
}

func withoutSignature(lines []string) []string {
	for i, l := range lines {
		if l == "-- " || l == "--" {
			lines = lines[:i]
			break
		}
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	for i := max(0, len(lines)-maxSignature); i < len(lines); i++ {
		if rule(lines[i]) && contactCue.MatchString(strings.Join(lines[i+1:], "\n")) {
			lines = lines[:i]
			break
		}
	}
	out := lines[:0:0]
	for _, l := range lines {
		if !device.MatchString(l) {
			out = append(out, l)
		}
	}
	return out
}
