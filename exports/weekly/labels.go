package weekly

import (
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/voc"
)

// labels are the words of the taxonomy by id.
type labels struct {
	taxonomy *classify.Taxonomy
	types    map[string]string
	aspects  map[string]string
	risks    map[string]string
}

func newLabels(t *classify.Taxonomy) labels {
	of := func(terms []classify.Term) map[string]string {
		out := make(map[string]string, len(terms))
		for _, term := range terms {
			out[term.ID] = term.Label
		}
		return out
	}
	l := labels{t, of(t.Types), map[string]string{}, of(t.Risks)}
	for _, a := range t.Aspects {
		l.aspects[a.ID] = a.Label
	}
	return l
}

func (l labels) typ(t voc.Type) string { return l.types[string(t)] }

// aspect is その他 for topics that were folded.
func (l labels) aspect(a voc.Aspect) string {
	if a == "" {
		return others
	}
	return l.aspects[string(a)]
}

// product is what stands where a contact names none.
func (l labels) product(p string) string {
	if p == "" {
		return "（商品の記載なし）"
	}
	return p
}

// topic is the name of a topic: the word that its voices are about, else the
// aspect, and the type.
func (l labels) topic(t *Topic) string {
	about := t.Target
	switch {
	case t.Aspect == "":
		about = "その他（小さな話題）"
	case about == "":
		about = l.aspect(t.Aspect)
	}
	return about + "：" + l.typ(t.Type)
}

func (l labels) channel(c voc.Channel) string {
	switch c {
	case voc.ChannelCall:
		return "電話"
	case voc.ChannelChat:
		return "チャット"
	case voc.ChannelMail:
		return "メール"
	case voc.ChannelForm:
		return "フォーム"
	case voc.ChannelSNS:
		return "SNS"
	case voc.ChannelSurvey:
		return "アンケート"
	case voc.ChannelVideo:
		return "動画"
	}
	return string(c)
}
