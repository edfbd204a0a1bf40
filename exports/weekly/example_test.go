package weekly_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/exports/weekly"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/voc"
)

func ExampleBuild() {
	err := func() error {
		d, err := dict.Load("")
		if err != nil {
			return err
		}
		taxonomy, err := classify.LoadTaxonomy(d)
		if err != nil {
			return err
		}
		text := "荷物が届くのが遅い"
		src := contacts{{ // any source: the index, its client
			ID: "crm/1", Channel: voc.ChannelCall, OccurredAt: time.Date(2026, 10, 6, 3, 0, 0, 0, time.UTC), Product: "炊飯器", Text: text, Definition: "d1",
			Voices: []voc.Voice{{Type: voc.Complaint, Aspect: voc.Delivery, Target: "荷物", Evidence: voc.Span{To: len(text)}, Rule: "r1", Confidence: 1}},
		}}
		r, err := weekly.Build(context.Background(), src, weekly.Options{Week: weekly.Week{Year: 2026, Number: 41}, Location: tokyo, Taxonomy: taxonomy})
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp("", "")
		if err != nil {
			return err
		}
		folder, m, err := r.Write(dir, "v1.0.0")
		if err != nil {
			return err
		}
		fmt.Println(filepath.Base(folder), m.Summary.Contacts.Now, "contact,", r.Topics[0].Label, r.Topics[0].Quotes[0].Text)
		for _, f := range m.Files {
			fmt.Println(f.Name, f.Rows)
		}
		return os.RemoveAll(dir)
	}()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2026-W41 1 contact, 荷物：苦情・不満 荷物が届くのが遅い
	// koe-2026-W41.xlsx 1
	// topics.csv 1
	// topics.parquet 1
}
