package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline/durable"
	"github.com/koe-voc/koe/pipeline/mask"
)

func newKeyCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "the secret of the customers' and agents' hashes",
		Long: `key changes the secret of the hashes that stand for customers and agents.
` + exitCodes,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "rotate",
		Short: "add a new secret; contacts of one customer stay together",
		Long: `rotate adds a new secret to the key file. From then on customers and agents get
hashes of a new version (h2:…), which koe makes out of the old ones, so that
threads and erasures reach over the change. What is stored keeps its hash; the
table aliases says what each has become (koe export aliases writes it anew).

The older secrets stay in the file: koe needs them. Ids and threads that are
hashes keep the first version. koe run must be stopped; processes that write the
tables only are started anew with the new file.
` + exitCodes,
		Example: `  koe key rotate`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			return c.rotate(cmd.Context(), cfg)
		},
	})
	return cmd
}

func (c *cli) rotate(ctx context.Context, cfg config.Config) (err error) {
	unlock, err := lock(ctx, cfg.Data)
	if errors.Is(err, index.ErrLocked) {
		return fmt.Errorf("%w; stop it first: a process keeps the secrets that it began with", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	keys, err := keepKeys(cfg)
	if err != nil {
		return err
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	keys = append(keys, key)
	if err := writeKeys(keyPath(cfg), keys); err != nil {
		return err
	}
	c.say("koe: hashes are of version %d from now on; keep a copy of %s", len(keys), keyPath(cfg))
	if !hasTables(cfg.Out) {
		return nil
	}
	return c.exportAliases(ctx, cfg, keys)
}

const keyBytes = 32

func newKey() ([]byte, error) {
	key := make([]byte, keyBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return key, nil
}

// someKeys are for where hashes do not matter.
func someKeys() mask.Keys { return mask.Keys{make([]byte, keyBytes)} }

// keyPath is where the secrets of the hashes lie.
func keyPath(cfg config.Config) string {
	if cfg.KeyFile != "" {
		return cfg.KeyFile
	}
	return filepath.Join(cfg.Data, "state", "mask.key")
}

// readKeys returns the secrets of the hashes; made is true if there are none
// and a fresh one is returned that nothing else knows.
func readKeys(cfg config.Config) (keys mask.Keys, made bool, err error) {
	name := keyPath(cfg)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && cfg.KeyFile == "" {
		key, err := newKey()
		return mask.Keys{key}, true, err
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the key of the hashes: %w", err)
	}
	for line := range bytes.Lines(text) {
		key, err := hex.DecodeString(string(bytes.TrimRight(line, "\r\n")))
		if err != nil || len(key) < 16 {
			return nil, false, fmt.Errorf("key file %s line %d: want at least 32 hexadecimal digits; openssl rand -hex 32 makes some", name, len(keys)+1)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, false, fmt.Errorf("key file %s is empty: want at least 32 hexadecimal digits; openssl rand -hex 32 makes some", name)
	}
	return keys, false, nil
}

// keepKeys returns the secrets and, where there are none yet, makes and keeps
// one. The caller holds the data folder.
func keepKeys(cfg config.Config) (mask.Keys, error) {
	keys, made, err := readKeys(cfg)
	if err != nil || !made {
		return keys, err
	}
	return keys, writeKeys(keyPath(cfg), keys)
}

// writeKeys replaces the key file in one step.
func writeKeys(name string, keys mask.Keys) error {
	var text []byte
	for _, key := range keys {
		text = append(hex.AppendEncode(text, key), '\n')
	}
	if err := durable.Replace(name, text); err != nil {
		return fmt.Errorf("keep the key of the hashes: %w", err)
	}
	return nil
}
