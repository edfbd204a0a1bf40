package demo

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/koe-voc/koe/testdata"
)

// Corpus returns the bundled contacts as messages, in the order of their
// times: what was spoken goes to Calls, what was written to Chats.
func Corpus() ([]Message, error) {
	gold, err := testdata.Small()
	if err != nil {
		return nil, fmt.Errorf("open the bundled corpus: %w", err)
	}
	type dated struct {
		Message
		at string
	}
	all := make([]dated, 0, len(gold))
	for i := range gold {
		var c struct {
			ID         string `json:"id"`
			Source     string `json:"source"`
			Channel    string `json:"channel"`
			OccurredAt string `json:"occurred_at"`
		}
		if err := json.Unmarshal(gold[i].Contact, &c); err != nil {
			return nil, fmt.Errorf("bundled contact %s: %w", gold[i].ID, err)
		}
		topic := Chats
		if c.Channel == "call" || c.Channel == "video" {
			topic = Calls
		}
		all = append(all, dated{Message{topic, []byte(c.Source + "/" + c.ID), gold[i].Contact}, c.OccurredAt})
	}
	slices.SortStableFunc(all, func(a, b dated) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		default:
			return 0
		}
	})
	out := make([]Message, len(all))
	for i, d := range all {
		out[i] = d.Message
	}
	return out, nil
}
