package exports_test

import (
	"context"
	"fmt"
	"os"

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

func ExampleOpen() {
	err := func() error {
		dir, err := os.MkdirTemp("", "")
		if err != nil {
			return err
		}
		ctx := context.Background()
		sink, err := exports.Open(ctx, exports.Options{FS: exports.Dir(dir), Location: tokyo})
		if err != nil {
			return err
		}
		calls := voc.Partition{Topic: "calls"}
		if _, err := sink.Resume(ctx, []voc.Partition{calls}); err != nil {
			return err
		}
		if err := sink.Write(ctx, []voc.Item{pipelinetest.Item(calls, 0, "crm/1", "荷物が届かない")}); err != nil {
			return err
		}
		if err := sink.Close(); err != nil {
			return err
		}
		for r, err := range exports.Latest(ctx, dir) {
			if err != nil {
				return err
			}
			fmt.Println(r.ID, r.Text, r.Voices[0].Type, r.Voices[0].Aspect)
		}
		counts, err := exports.Counts(ctx, dir)
		if err != nil {
			return err
		}
		for _, c := range counts {
			fmt.Println(c.Table, c.Files, c.Rows)
		}
		return os.RemoveAll(dir)
	}()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// crm/1 荷物が届かない complaint delivery
	// contacts 1 1
	// voices 1 1
	// dead_letters 0 0
	// deletions 0 0
}
