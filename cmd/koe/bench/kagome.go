package bench

import (
	"context"
	"fmt"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"
)

// Kagome returns the step that everything is compared with: kagome tokenises the
// words of docs and nothing else. A dictionary that cannot be read is an error of
// the step.
func Kagome(docs []Document) func(context.Context) error {
	k, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	return func(context.Context) error {
		if err != nil {
			return fmt.Errorf("open kagome: %w", err)
		}
		for i := range docs {
			k.Tokenize(docs[i].Words())
		}
		return nil
	}
}
