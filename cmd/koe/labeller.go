package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
func newLabeller(cfg config.Config, key []byte) (*labeller, error) {
	return newLabellerBy(cfg, key, classify.New)
}

// newLabellerBy labels by the classifier that class makes.
func newLabellerBy(cfg config.Config, key []byte, class func(*dict.Set) (*classify.Classifier, error)) (*labeller, error) {
	l, err := newWords(cfg)
	if err != nil {
		return nil, err
	}
	d := l.dict
	if l.masker, err = mask.New(d, l.words, key); err != nil {
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

const keyBytes = 32

// keyPath is where the secret of the hashes lies.
func keyPath(cfg config.Config) string {
	if cfg.KeyFile != "" {
		return cfg.KeyFile
	}
	return filepath.Join(cfg.Data, "state", "mask.key")
}

// readKey returns the secret of the hashes; made is true if there is none and
// a fresh one is returned that nothing else knows.
func readKey(cfg config.Config) (key []byte, made bool, err error) {
	name := keyPath(cfg)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && cfg.KeyFile == "" {
		key = make([]byte, keyBytes)
		_, err = rand.Read(key)
		return key, true, err
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the key of the hashes: %w", err)
	}
	key, err = hex.DecodeString(string(trimLine(text)))
	if err != nil || len(key) < 16 {
		return nil, false, fmt.Errorf("key file %s: want at least 32 hexadecimal digits; openssl rand -hex 32 makes some", name)
	}
	return key, false, nil
}

func trimLine(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// keepKey returns the secret and, where there is none yet, makes and keeps it.
// The caller holds the data folder.
func keepKey(cfg config.Config) ([]byte, error) {
	key, made, err := readKey(cfg)
	if err != nil || !made {
		return key, err
	}
	name := keyPath(cfg)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the key: %w", err)
	}
	if err := os.WriteFile(name, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("keep the key of the hashes: %w", err)
	}
	return key, nil
}
