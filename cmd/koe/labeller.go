package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

// labeller is the stages between decoder and sinks, built on one dictionary.
type labeller struct {
	dict    *dict.Set
	words   *morph.Analyzer
	masker  *mask.Masker
	chunker *chunk.Chunker
	class   *classify.Classifier
	stages  []pipeline.NamedStage // words, chunker, class and the stamp
	version string                // definition version
}

// newWords is a labeller that can only tokenise: what a search needs.
func newWords(cfg config.Config) (*labeller, error) {
	d, err := dict.Load(cfg.Dict)
	if err != nil {
		return nil, &coded{exitUsage, err}
	}
	l := &labeller{dict: d, version: definition(d)}
	l.words, err = morph.New(d)
	return l, err
}

// newLabeller labels by rules and models.
func newLabeller(cfg config.Config, keys mask.Keys) (*labeller, error) {
	return newLabellerBy(cfg, keys, classify.New)
}

// newLabellerBy labels by the classifier that class makes.
func newLabellerBy(cfg config.Config, keys mask.Keys, class func(*dict.Set) (*classify.Classifier, error)) (*labeller, error) {
	l, err := newWords(cfg)
	if err != nil {
		return nil, err
	}
	d := l.dict
	if l.masker, err = mask.New(d, l.words, keys); err != nil {
		return nil, err
	}
	if l.chunker, err = chunk.New(d); err != nil {
		return nil, err
	}
	if l.class, err = class(d); err != nil {
		return nil, err
	}
	l.stages = []pipeline.NamedStage{
		{Name: "morph", Stage: l.words}, {Name: "chunk", Stage: l.chunker}, {Name: "classify", Stage: l.class}, {Name: "stamp", Stage: stamp(l.version)},
	}
	return l, nil
}

// definition is the version of everything that decides a label: the merged
// dictionary, the engine's rules in code, the masker.
func definition(d *dict.Set) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "dict %s engine %d mask %d", d.Version(), classify.Revision, mask.Revision))
	return hex.EncodeToString(sum[:])[:12]
}

// stamp writes the definition version into a record.
type stamp string

func (s stamp) Apply(_ context.Context, r *voc.Record) error {
	r.Definition = string(s)
	return nil
}

// label masks one contact and runs the stages over it.
func (l *labeller) label(ctx context.Context, c voc.Contact) (voc.Record, error) {
	rec, err := l.masker.Mask(c)
	if err != nil {
		return rec, err
	}
	for _, s := range l.stages {
		if err := s.Stage.Apply(ctx, &rec); err != nil {
			return rec, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return rec, nil
}
