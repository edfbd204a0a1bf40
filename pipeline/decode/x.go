package decode

import (
	"cmp"
	"html"
	"strconv"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

const sourceX = "x"

// post reads a post of the X API v2: the object itself, {"data": …} of a stream
// or a look-up with one post or a list of them, or a delete or drop of the
// compliance stream, which deletes. Reposts repeat a text that somebody else
// wrote and hold nothing. An edited post keeps the id of its first version.
//
// Read: id, edit_history_tweet_ids, text, note_tweet.text (the whole of a long
// post), created_at, author_id (customer key), conversation_id (thread), lang
// (attribute), referenced_tweets[].type; of compliance events delete and drop:
// tweet.id, event_at.
//
// Dropped: every other field, among them includes (users, media, places),
// entities, public_metrics, geo, in_reply_to_user_id, context_annotations.
func post(value []byte) ([]voc.Change, error) {
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	var posts []xPost
	var enveloped bool
	var bare xPost
	v := r.xPost(&bare)
	v["data"] = func() error {
		enveloped = true
		one := func() error {
			var p xPost
			err := r.loose(r.xPost(&p))
			posts = append(posts, p)
			return err
		}
		if r.kind() == '[' {
			return r.list(MaxTurns, one)
		}
		return one()
	}
	if err := r.root(v); err != nil {
		return nil, err
	}
	if !enveloped {
		posts = []xPost{bare}
	}
	var changes []voc.Change
	for i, p := range posts {
		c, err := p.changes()
		if enveloped && len(posts) > 1 {
			err = within(err, "["+strconv.Itoa(i)+"]")
		}
		if enveloped {
			err = within(err, "data")
		}
		if err != nil {
			return nil, err
		}
		changes = append(changes, c...)
	}
	return changes, nil
}

// xPost is a post, or an event that takes one away, as it is read.
type xPost struct {
	id, text, long, author, conversation, lang, gone string
	versions                                         []string
	repost                                           bool
	at, goneAt                                       time.Time
}

func (r *reader) xPost(p *xPost) visits {
	gone := r.in(visits{"tweet": r.in(visits{"id": r.word(&p.gone)}), "event_at": r.stamp(&p.goneAt)})
	return visits{
		"id":              r.word(&p.id),
		"text":            r.said(&p.text),
		"note_tweet":      r.in(visits{"text": r.said(&p.long)}),
		"created_at":      r.stamp(&p.at),
		"author_id":       r.word(&p.author),
		"conversation_id": r.word(&p.conversation),
		"lang":            r.word(&p.lang),
		"edit_history_tweet_ids": r.each(MaxAttrs, func() error {
			id, err := r.scalarText()
			p.versions = append(p.versions, id)
			return err
		}),
		"referenced_tweets": r.each(MaxAttrs, func() error {
			var kind string
			err := r.loose(visits{"type": r.word(&kind)})
			p.repost = p.repost || kind == "retweeted"
			return err
		}),
		"delete": gone,
		"drop":   gone,
	}
}

func (p *xPost) changes() ([]voc.Change, error) {
	c := voc.Contact{Source: voc.NewRaw(sourceX)}
	switch {
	case p.gone != "":
		c.ID, c.UpdatedAt = voc.NewRaw(p.gone), p.goneAt
		return []voc.Change{{Delete: true, Contact: c}}, nil
	case p.id == "":
		return nil, fail(voc.ReasonMissing, "id")
	case p.repost:
		return nil, nil
	}
	c.ID, c.OccurredAt, c.Channel = voc.NewRaw(p.id), p.at, voc.ChannelSNS
	if len(p.versions) > 1 {
		c.ID, c.UpdatedAt = voc.NewRaw(p.versions[0]), p.at
	}
	c.CustomerKey, c.ThreadID = voc.NewRaw(p.author), voc.NewRaw(p.conversation)
	if p.lang != "" {
		c.Attrs = []voc.RawAttr{{Name: voc.NewRaw("lang"), Value: voc.NewRaw(p.lang)}}
	}
	c.Text = voc.NewRaw(html.UnescapeString(cmp.Or(p.long, p.text))) // the API writes & < > as entities
	return []voc.Change{{Contact: c}}, nil
}
