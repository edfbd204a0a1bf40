package decode

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"

	"github.com/koe-voc/koe/pipeline/voc"
)

const sourceMail = "mail"

// mail reads one message of RFC 5322 and MIME, in ISO-2022-JP, Shift_JIS,
// EUC-JP, UTF-8 or whatever else its charset names. What the sender wrote is
// kept: quoted history and the signature are cut off (see written). A mail whose
// topic is a mailbox of customers' mails is the customer's; one that a program
// sent (Auto-Submitted) is an answer, never a voice.
//
// Read: Message-ID (id; without one a hash of the mail), References or
// In-Reply-To (thread: the first mail; else the id), Date, From (the address is
// the customer key), Subject (words, unless it only repeats another's: Re:),
// Auto-Submitted, Content-Type, Content-Transfer-Encoding, Content-Disposition;
// the text/plain parts, or the text/html ones if there is no plain text.
//
// Dropped: every other header, among them To, Cc, Received and the names in
// From; attachments, images, calendars, mails inside mails.
func mail(value []byte) ([]voc.Change, error) {
	value = bytes.TrimPrefix(value, bom)
	e, err := message.Read(bytes.NewReader(value))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, fail(voc.ReasonSyntax, "")
	}
	if e.Header.Len() == 0 {
		return nil, fail(voc.ReasonSyntax, "header")
	}
	var c voc.Contact
	c.Source, c.Channel = voc.NewRaw(sourceMail), voc.ChannelMail
	sum := sha256.Sum256(value)
	id, thread := mailIDs(e.Header, "sha256-"+hex.EncodeToString(sum[:16]))
	if len(id) > MaxShort || len(thread) > MaxShort {
		return nil, fail(voc.ReasonTooLarge, "Message-ID")
	}
	c.ID, c.ThreadID = voc.NewRaw(id), voc.NewRaw(thread)
	if c.OccurredAt, err = mailDate(e.Header.Get("Date")); err != nil {
		return nil, err
	}
	subject := clean(headerText(e.Header.Get("Subject")))
	if from, err := netmail.ParseAddress(headerText(e.Header.Get("From"))); err == nil && len(from.Address) <= MaxShort {
		c.CustomerKey = voc.NewRaw(strings.ToLower(from.Address))
	}
	var parts mailParts
	if err := parts.read(e, 0); err != nil {
		return nil, err
	}
	body := strings.Join(parts.plain, "\n")
	if strings.TrimSpace(body) == "" {
		body = strings.Join(parts.html, "\n")
	}
	body = clean(body)
	if len(body) > MaxText {
		return nil, fail(voc.ReasonTooLarge, "body")
	}
	if auto := e.Header.Get("Auto-Submitted"); auto != "" && !strings.EqualFold(strings.TrimSpace(auto), "no") {
		c.Answer = joinWords(subject, written(body))
		return []voc.Change{{Contact: c}}, nil
	}
	if repeats.MatchString(subject) {
		subject = ""
	}
	c.Text = joinWords(strings.TrimSpace(subject), written(body))
	return []voc.Change{{Contact: c}}, nil
}

var (
	messageID = regexp.MustCompile(`<([^<>\s]+)>`)
	repeats   = regexp.MustCompile(`(?i)^\s*(re|fwd?|返信|転送|ＲＥ|ＦＷ)\s*[:：]`)
	dateTail  = regexp.MustCompile(`\s*\([^()]*\)\s*$`)
)

// mailIDs returns the id of the mail and that of the first mail it refers to.
func mailIDs(h message.Header, unnamed string) (id, thread string) {
	id = unnamed
	if m := messageID.FindStringSubmatch(h.Get("Message-Id")); m != nil {
		id = cleanShort(m[1])
	}
	for _, name := range []string{"References", "In-Reply-To"} {
		if m := messageID.FindStringSubmatch(h.Get(name)); m != nil {
			return id, cleanShort(m[1])
		}
	}
	return id, id
}

// mailDate reads the Date header; a comment at its end may name the zone in any
// charset.
func mailDate(s string) (time.Time, error) {
	if strings.TrimSpace(s) == "" {
		return time.Time{}, nil
	}
	t, err := netmail.ParseDate(dateTail.ReplaceAllString(s, ""))
	if err != nil || keepTime(&t, t) != nil {
		return time.Time{}, fail(voc.ReasonValue, "Date")
	}
	return t, nil
}

// headerText decodes encoded words; what is none may be in a Japanese charset
// without saying so.
func headerText(s string) string {
	d := mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
		enc := charsetOf(charset)
		if enc == nil {
			return nil, errors.New("unknown charset")
		}
		return enc.NewDecoder().Reader(in), nil
	}}
	if out, err := d.DecodeHeader(s); err == nil {
		s = out
	}
	return guessed(s)
}

// charsetOf returns nil for a name that it does not know.
func charsetOf(name string) encoding.Encoding {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "cp932", "ms_932", "windows-932", "shift_jis-2004", "sjis-win":
		return japanese.ShiftJIS
	case "cp50220", "cp50221", "cp50222", "iso-2022-jp-ms", "iso-2022-jp-1", "iso-2022-jp-3":
		return japanese.ISO2022JP
	case "eucjp", "eucjp-win", "eucjp-ms":
		return japanese.EUCJP
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	return enc
}

// guessed decodes text that does not say its charset: ISO-2022-JP by its
// escapes, UTF-8 if it is valid, else CP932.
func guessed(s string) string {
	var enc encoding.Encoding
	switch {
	case strings.Contains(s, "\x1b$") || strings.Contains(s, "\x1b("):
		enc = japanese.ISO2022JP
	case utf8.ValidString(s):
		return s
	default:
		enc = japanese.ShiftJIS
	}
	if out, err := enc.NewDecoder().String(s); err == nil && !strings.ContainsRune(out, utf8.RuneError) {
		return out
	}
	return s
}

// mailParts are the texts of a mail.
type mailParts struct {
	plain, html []string
	count       int
}

// read walks the parts: attachments and mails inside are passed over.
func (p *mailParts) read(e *message.Entity, depth int) error {
	if p.count++; p.count > MaxParts || depth > MaxDepth {
		return fail(voc.ReasonTooLarge, "parts")
	}
	kind, params, err := e.Header.ContentType()
	if err != nil {
		kind = "text/plain" // RFC 2045, 5.2: what cannot be read is plain text
	}
	if disposition, _, err := e.Header.ContentDisposition(); err == nil && strings.EqualFold(disposition, "attachment") {
		return nil
	}
	if mr := e.MultipartReader(); mr != nil {
		for {
			part, err := mr.NextPart()
			if part == nil {
				return nil // the end, or a part that is cut off: what was read stands
			}
			if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return nil
			}
			if err := p.read(part, depth+1); err != nil {
				return err
			}
		}
	}
	if kind != "text/plain" && kind != "text/html" {
		return nil
	}
	text, err := io.ReadAll(e.Body)
	if err != nil && len(text) == 0 {
		return nil
	}
	s, err := charsetText(string(text), params["charset"])
	if err != nil {
		return err
	}
	if kind == "text/html" {
		p.html = append(p.html, htmlText(s))
	} else {
		p.plain = append(p.plain, s)
	}
	return nil
}

func charsetText(s, charset string) (string, error) {
	switch strings.ToLower(charset) {
	case "", "us-ascii", "ascii", "utf-8", "utf8":
		return guessed(s), nil
	}
	enc := charsetOf(charset)
	if enc == nil {
		return "", fail(voc.ReasonValue, "Content-Type.charset")
	}
	if out, err := enc.NewDecoder().String(s); err == nil {
		return out, nil
	}
	return guessed(s), nil
}
