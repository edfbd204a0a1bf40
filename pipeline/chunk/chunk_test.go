package chunk_test

import (
	"testing"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/morph"
)

func analyzer(t testing.TB) *morph.Analyzer {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	a, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func chunker(t testing.TB) *chunk.Chunker {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := chunk.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
