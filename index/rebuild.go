package index

import (
	"context"
	"fmt"
	"iter"
	"maps"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Fill puts changes, in any order, into an index that is empty, then makes the
// positions its own. Records need tokens. When it returns, all is durable; after
// an error the index is of no use.
func (x *Index) Fill(ctx context.Context, changes iter.Seq2[voc.Applied, error], positions map[voc.Partition]int64) error {
	put := func() error {
		if err := x.batch(ctx); err != nil {
			return err
		}
		return x.persisterError()
	}
	for c, err := range changes {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("fill index: %w", err)
		}
		if x.pending = append(x.pending, c); len(x.pending) >= x.opt.MaxBatch {
			if err := put(); err != nil {
				return err
			}
		}
	}
	// The positions stand in the last batch: before it, nothing is claimed.
	maps.Copy(x.next, positions)
	if err := put(); err != nil {
		return err
	}
	return x.Flush(ctx)
}
