package demo

import (
	_ "embed" // for phrases.yaml
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

//go:embed phrases.yaml
var phrases []byte

// Message is a contact on its way to a topic.
type Message struct {
	Topic string
	Key   []byte
	Value []byte // a contact of schema v1
}

// Weeks is how many weeks generated contacts are spread over; they end with
// the Sunday Last in Japan.
const Weeks = 8

// Last is the day on which the demo's contacts end.
func Last() time.Time {
	return time.Date(2026, 11, 15, 0, 0, 0, 0, time.FixedZone("JST", 9*60*60))
}

type phraseBook struct {
	Products []struct {
		Name   string `yaml:"name"`
		Weight int    `yaml:"weight"`
	} `yaml:"products"`
	Shops         []string `yaml:"shops"`
	Queues        []string `yaml:"queues"`
	Surnames      []string `yaml:"surnames"`
	Open          []string `yaml:"open"`
	Close         []string `yaml:"close"`
	AgentOpen     []string `yaml:"agent_open"`
	AgentMid      []string `yaml:"agent_mid"`
	AgentClose    []string `yaml:"agent_close"`
	CustomerClose []string `yaml:"customer_close"`
	Topics        []topic  `yaml:"topics"`
}

type topic struct {
	ID     string `yaml:"id"`
	Weight int    `yaml:"weight"`
	Queue  string `yaml:"queue"`
	Surge  *struct {
		Product  string `yaml:"product"`
		FromWeek int    `yaml:"from_week"`
		Factor   int    `yaml:"factor"`
	} `yaml:"surge"`
	Note []string `yaml:"note"`
	Chat []string `yaml:"chat"`
}

// Generate yields n contacts, the same for the same seed and each time that the
// sequence is run, in the order of their times: more on Mondays than on Sundays, more in the morning than at
// night, and one surge planted in the last two weeks.
func Generate(n int, seed uint64) (iter.Seq[Message], error) {
	var book phraseBook
	if err := yaml.Unmarshal(phrases, &book); err != nil {
		return nil, fmt.Errorf("read the demo's phrases: %w", err)
	}
	return func(yield func(Message) bool) {
		g := &generator{book: book, rnd: rand.New(rand.NewPCG(seed, 0x6b6f65))}
		for i, at := range g.times(n) {
			if !yield(g.message(i, at)) {
				return
			}
		}
	}, nil
}

type generator struct {
	book phraseBook
	rnd  *rand.Rand
}

// times draws n times: weekday and hour are weighted as in a centre that is
// open all week with a peak on Monday mornings.
func (g *generator) times(n int) []time.Time {
	day := []int{3, 10, 8, 7, 7, 8, 4}                                                      // from Sunday
	hour := []int{0, 0, 0, 0, 0, 0, 0, 1, 3, 9, 12, 10, 7, 9, 9, 8, 8, 7, 5, 4, 3, 2, 1, 1} // of the day
	start := Last().AddDate(0, 0, 1-7*Weeks)
	out := make([]time.Time, n)
	for i := range out {
		d := start.AddDate(0, 0, 7*g.rnd.IntN(Weeks))
		d = d.AddDate(0, 0, (g.draw(day)+6)%7) // start is a Monday
		out[i] = d.Add(time.Duration(g.draw(hour))*time.Hour + time.Duration(g.rnd.IntN(3600))*time.Second)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// draw returns an index with the chance of its weight.
func (g *generator) draw(weights []int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	k := g.rnd.IntN(total)
	for i, w := range weights {
		if k -= w; k < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func (g *generator) pick(list []string) string { return list[g.rnd.IntN(len(list))] }

func (g *generator) topic(week int) topic {
	weights := make([]int, len(g.book.Topics))
	for i, t := range g.book.Topics {
		weights[i] = t.Weight
		if t.Surge != nil && week >= t.Surge.FromWeek {
			weights[i] *= t.Surge.Factor
		}
	}
	return g.book.Topics[g.draw(weights)]
}

type contact struct {
	ID          string         `json:"id"`
	Source      string         `json:"source"`
	Channel     string         `json:"channel"`
	Direction   string         `json:"direction"`
	OccurredAt  string         `json:"occurred_at"`
	CustomerKey string         `json:"customer_key"`
	Product     string         `json:"product"`
	Shop        string         `json:"shop"`
	Queue       string         `json:"queue"`
	AgentKey    string         `json:"agent_key"`
	Categories  []string       `json:"categories"`
	CSAT        int            `json:"csat,omitempty"`
	Handling    map[string]int `json:"handling"`
	Turns       []turn         `json:"turns,omitempty"`
	Note        string         `json:"note,omitempty"`
}

type turn struct {
	Speaker string `json:"speaker"`
	Text    string `json:"text"`
}

func (g *generator) message(i int, at time.Time) Message {
	week := 1 + int(at.Sub(Last().AddDate(0, 0, 1-7*Weeks))/(7*24*time.Hour))
	t := g.topic(week)
	weights := make([]int, len(g.book.Products))
	for k, p := range g.book.Products {
		weights[k] = p.Weight
	}
	product := g.book.Products[g.draw(weights)].Name
	if t.Surge != nil {
		product = t.Surge.Product
	}
	c := contact{
		ID: fmt.Sprintf("g%07d", i), Channel: "call", Source: "demo-call", Direction: "inbound", OccurredAt: at.Format(time.RFC3339),
		CustomerKey: fmt.Sprintf("C-%05d", g.rnd.IntN(60_000)), Product: product, Shop: g.pick(g.book.Shops), Queue: t.Queue,
		AgentKey: fmt.Sprintf("op%02d", g.rnd.IntN(24)), Categories: []string{t.Queue + "/" + t.ID},
		Handling: map[string]int{"wait_seconds": g.rnd.IntN(240), "talk_seconds": 60 + g.rnd.IntN(900), "after_call_seconds": 30 + g.rnd.IntN(200)},
	}
	fill := g.filler(c)
	m := Message{Topic: Calls}
	if g.rnd.IntN(10) < 4 {
		m.Topic, c.Channel, c.Source = Chats, "chat", "demo-chat"
		c.Turns = g.chat(t, fill)
		c.CSAT = 1 + g.rnd.IntN(5)
	} else {
		c.Note = g.note(t, fill)
	}
	m.Key = []byte(c.Source + "/" + c.ID)
	value, err := json.Marshal(c)
	if err != nil {
		return Message{} // cannot happen: strings and numbers only
	}
	m.Value = value
	return m
}

// filler replaces the names in braces, the same way within one contact.
func (g *generator) filler(c contact) *strings.Replacer {
	return strings.NewReplacer("{product}", c.Product, "{shop}", c.Shop, "{name}", g.pick(g.book.Surnames),
		"{phone}", fmt.Sprintf("090-1%03d-%04d", g.rnd.IntN(1000), g.rnd.IntN(10_000)),
		"{days}", fmt.Sprint(2+g.rnd.IntN(12)), "{yen}", fmt.Sprint(110*(1+g.rnd.IntN(30))),
		"{date}", fmt.Sprintf("%d/%d", 9+g.rnd.IntN(3), 1+g.rnd.IntN(28)), "{hour}", fmt.Sprint(10+g.rnd.IntN(9)),
		"{order}", fmt.Sprintf("A%06d", g.rnd.IntN(1_000_000)))
}

func (g *generator) note(t topic, fill *strings.Replacer) string {
	if t.ID == "nothing" {
		return fill.Replace(g.pick(t.Note))
	}
	parts := g.pick(g.book.Open) + g.pick(t.Note)
	if g.rnd.IntN(4) == 0 {
		parts += g.pick(t.Note)
	}
	return fill.Replace(parts + g.pick(g.book.Close))
}

func (g *generator) chat(t topic, fill *strings.Replacer) []turn {
	turns := []turn{{"agent", g.pick(g.book.AgentOpen)}, {"customer", g.pick(t.Chat)}, {"agent", g.pick(g.book.AgentMid)}}
	if g.rnd.IntN(3) > 0 {
		turns = append(turns, turn{"customer", g.pick(t.Chat)})
	}
	turns = append(turns, turn{"agent", g.pick(g.book.AgentClose)}, turn{"customer", g.pick(g.book.CustomerClose)})
	for i := range turns {
		turns[i].Text = fill.Replace(turns[i].Text)
	}
	return turns
}
