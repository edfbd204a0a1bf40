package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/web"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// engine is the pipeline but for its source: what koe run, koe load and koe
// demo have in common. It holds the data folder if it has an index.
type engine struct {
	cfg     config.Config
	log     *slog.Logger
	lab     *labeller
	index   *index.Index  // nil without that sink
	exports *exports.Sink // nil without that sink
	keeper  *keeper
	server  *web.Server  // nil without an index
	unlock  func() error // nil without an index
	observe pipeline.Observe
}

// openEngine takes the folders, makes the key if there is none and opens the
// sinks. The caller closes the engine.
func openEngine(ctx context.Context, cfg config.Config, log *slog.Logger) (*engine, error) {
	return openEngineBy(ctx, cfg, log, func(keys mask.Keys) (*labeller, error) { return newLabeller(cfg, keys) })
}

// openEngineBy labels with what label makes.
func openEngineBy(ctx context.Context, cfg config.Config, log *slog.Logger, label func(mask.Keys) (*labeller, error)) (_ *engine, err error) {
	e := &engine{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	sinks := cfg.SinkNames()
	if slices.Contains(sinks, "index") {
		if e.unlock, err = lock(ctx, cfg.Data); err != nil {
			return nil, err
		}
	}
	keys, err := keepKeys(cfg)
	if err != nil {
		return nil, err
	}
	if e.lab, err = label(keys); err != nil {
		return nil, err
	}
	if slices.Contains(sinks, "exports") {
		if err := os.MkdirAll(cfg.Out, 0o755); err != nil { //nolint:gosec // tables are for other programs to read
			return nil, fmt.Errorf("make out folder: %w", err)
		}
	}
	e.keeper = &keeper{cfg: cfg, log: log, lab: e.lab}
	if e.keeper.set, err = openErased(cfg, keys); err != nil {
		return nil, err
	}
	if slices.Contains(sinks, "index") {
		if err := keepDictionary(cfg, e.lab); err != nil {
			return nil, err
		}
		if e.index, err = index.Open(index.Options{Dir: cfg.Data, Location: cfg.Location(), Words: e.lab.words, Dict: e.lab.dict, Erased: e.keeper.set, Logger: log}); err != nil {
			return nil, err
		}
		e.keeper.index = e.index
		if e.server, err = web.Serve(cfg.Data, web.Operations(web.Handler(e.index, log), e.keeper, log), log); err != nil {
			return nil, err
		}
	}
	if slices.Contains(sinks, "exports") {
		if e.exports, err = exports.Open(ctx, exports.Options{FS: exports.Dir(cfg.Out), Location: cfg.Location(), Erased: e.keeper.set, MaxRows: cfg.Exports.MaxRows, MaxAge: cfg.Exports.MaxAge}); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// lockWait is how long a command that holds the folder without answering on the
// socket is waited for: a search that opened the index itself, or a koe that
// starts or drains.
const lockWait = 5 * time.Second

// lock takes the data folder. A koe that answers on its socket is not waited
// for: it means to stay.
func lock(ctx context.Context, dir string) (func() error, error) {
	for end := time.Now().Add(lockWait); ; {
		unlock, err := index.Lock(dir)
		if !errors.Is(err, index.ErrLocked) || time.Now().After(end) {
			return unlock, err
		}
		if c, dialErr := web.Dial(ctx, dir); dialErr == nil {
			return nil, errors.Join(err, c.Close())
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// runner joins the engine with a source. maxDead is the share of dead letters
// that stops it; 0: none does.
func (e *engine) runner(src pipeline.Source, dec pipeline.Decoder, maxDead float64) (*pipeline.Runner, error) {
	cfg := pipeline.DefaultConfig()
	cfg.MaxDeadShare = maxDead
	if e.cfg.Run.Workers > 0 {
		cfg.Workers = e.cfg.Run.Workers
	}
	cfg.Drain = e.cfg.Run.Drain
	p := pipeline.Parts{Source: src, Decoder: dec, Masker: e.lab.masker, Stages: e.lab.stages, Logger: e.log, Observe: e.observe, Sinks: e.sinks()}
	return pipeline.New(cfg, p)
}

func (e *engine) sinks() (out []pipeline.Sink) {
	if e.index != nil {
		out = append(out, e.index)
	}
	if e.exports != nil {
		out = append(out, e.exports)
	}
	return out
}

// show answers for monitoring where the configuration says.
func (e *engine) show(ctx context.Context, m *metrics, r *pipeline.Runner) (at string, stop func() error, err error) {
	k := kafkaConfig(e.cfg.Kafka, slog.New(slog.DiscardHandler)) // a broker that is down is a metric, and the source's to log
	if err := m.watch(r, e.sinks(), func(ctx context.Context) (map[voc.Partition]int64, error) { return source.Ends(ctx, k) }); err != nil {
		return "", nil, err
	}
	return m.serve(ctx, e.cfg.Metrics.Listen, e.log)
}

// close flushes and gives everything back, in the order opposite to opening.
func (e *engine) close() error {
	var errs []error
	if e.exports != nil {
		errs = append(errs, e.exports.Close())
	}
	if e.server != nil {
		errs = append(errs, e.server.Close())
	}
	if e.index != nil {
		errs = append(errs, e.index.Close())
	}
	if e.unlock != nil {
		errs = append(errs, e.unlock())
	}
	return errors.Join(errs...)
}

// keepDictionary keeps a copy of the dictionary under the definition version,
// so that every label can be explained later.
func keepDictionary(cfg config.Config, lab *labeller) error {
	dir := filepath.Join(cfg.Data, "dict", lab.version)
	if _, err := os.Stat(dir); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep dictionary: %w", err)
	}
	tmp := dir + ".tmp"
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return fmt.Errorf("keep dictionary: %w", err)
	}
	for _, name := range lab.dict.Names() {
		data, _ := lab.dict.File(name)
		if err := os.WriteFile(filepath.Join(tmp, name), data, 0o600); err != nil {
			return fmt.Errorf("keep dictionary: %w", err)
		}
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("keep dictionary: %w", err)
	}
	return nil
}

// reader is what search, show, status and export need: the index itself, or
// the process that holds it.
type reader struct {
	web.Engine
	close func() error
}

// openReader opens the index of the data folder if nobody holds it, and asks
// the process that does if somebody does.
func openReader(ctx context.Context, cfg config.Config, log *slog.Logger) (*reader, error) {
	if _, err := os.Stat(filepath.Join(cfg.Data, "index", "format")); errors.Is(err, fs.ErrNotExist) {
		return nil, usage("there is no index in %s; koe load or koe run makes one, --data names another folder", cfg.Data)
	}
	unlock, err := lock(ctx, cfg.Data)
	if errors.Is(err, index.ErrLocked) {
		c, err := web.Dial(ctx, cfg.Data)
		if err != nil {
			return nil, err
		}
		return &reader{c, c.Close}, nil
	}
	if err != nil {
		return nil, err
	}
	lab, err := newWords(cfg)
	if err == nil {
		var x *index.Index
		if x, err = index.Open(index.Options{Dir: cfg.Data, Location: cfg.Location(), Words: lab.words, Dict: lab.dict, Logger: log}); err == nil {
			return &reader{x, func() error { return errors.Join(x.Close(), unlock()) }}, nil
		}
	}
	return nil, errors.Join(err, unlock())
}
