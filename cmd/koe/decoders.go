package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
)

// topicDecoders reads NAME=DECODER.
func topicDecoders(topics []string) (names []string, decoders map[string]string) {
	decoders = map[string]string{}
	for _, t := range topics {
		name, dec, ok := strings.Cut(t, "=")
		if !ok {
			dec = decode.Contact
		}
		names, decoders[name] = append(names, name), dec
	}
	return names, decoders
}

// newDecoder makes the decoder of the configured topics.
func newDecoder(cfg config.Kafka) (*decode.Decoder, error) {
	var o decode.Options
	_, o.Topics = topicDecoders(cfg.Topics)
	for _, m := range cfg.Mappings {
		topic, file, ok := strings.Cut(m, "=")
		if !ok {
			return nil, fmt.Errorf("kafka.mappings: %q; write NAME=FILE", m)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("kafka.mappings: %w", err)
		}
		mapping, err := decode.ParseMapping(file, data)
		if err != nil {
			return nil, fmt.Errorf("kafka.mappings: %w", err)
		}
		if o.Mappings == nil {
			o.Mappings = map[string]*decode.Mapping{}
		}
		o.Mappings[topic] = mapping
	}
	schemas, err := schemasOf(cfg)
	if err != nil {
		return nil, err
	}
	o.Schemas = schemas
	d, err := decode.New(o)
	if err != nil {
		return nil, fmt.Errorf("kafka.topics: %w", err)
	}
	return d, nil
}

// schemasOf returns nil if the configuration names none.
func schemasOf(cfg config.Kafka) (decode.Schemas, error) {
	if cfg.Schemas.From == "" {
		return nil, nil
	}
	// A registry on the same network answers in milliseconds; three tries of five
	// seconds outlast its restart without stopping a topic for long.
	s, err := source.NewSchemas(source.SchemaConfig{
		From: cfg.Schemas.From, User: cfg.Schemas.User, Password: cfg.Schemas.Password, Timeout: 5 * time.Second, Retries: 2,
	})
	if err != nil {
		return nil, fmt.Errorf("kafka.schemas.from: %w", err)
	}
	return s, nil
}
