package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/source"
)

// rateEvery is how often koe run logs what it has done.
const rateEvery = 30 * time.Second

func newRunCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "read contacts from Kafka into the index and the Parquet tables until stopped",
		Long: `run reads the topics as a member of a consumer group, and labels, indexes and
exports every contact. Each sink keeps its own positions, so nothing is lost or
counted twice, whatever dies. If more than half (run.max_dead_share) of a topic's
last messages cannot be read, it stops and says why. SIGTERM and Ctrl-C drain: what was read is
written, flushed and committed; a second one kills.

With --metrics-listen it answers Prometheus at /metrics, and /healthz and
/readyz, which is 503 while partitions are assigned and resumed. A dashboard and
alert rules are in the source under .github/ops.

GOMEMLIMIT in the environment bounds the memory (GOMEMLIMIT=700MiB is enough);
with it koe collects garbage less often and is faster.

While it runs, koe search, show, status and export ask it through the socket in
the data folder.
` + exitCodes,
		Example: `  koe run --brokers 127.0.0.1:9092 --topics calls=call,chats=chat
  koe run --config koe.yaml --metrics-listen 127.0.0.1:9464`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			return c.runKafka(cmd.Context(), cfg)
		},
	}
	def := config.Default()
	kafkaFlags(c, cmd, def)
	c.bind(cmd.Flags(), "kafka.group", "group", def.Kafka.Group, "consumer group")
	c.bindList(cmd.Flags(), "kafka.topics", "topics", def.Kafka.Topics, "topics, each as NAME or NAME=DECODER")
	c.bind(cmd.Flags(), "sinks", "sinks", def.Sinks, "which sinks run: index,exports or one of them")
	c.bind(cmd.Flags(), "metrics.listen", "metrics-listen", def.Metrics.Listen, "address of /metrics, /healthz and /readyz, such as 127.0.0.1:9464")
	return cmd
}

func kafkaFlags(c *cli, cmd *cobra.Command, def config.Config) {
	c.bindList(cmd.Flags(), "kafka.brokers", "brokers", def.Kafka.Brokers, "host:port of some brokers")
}

// kafkaConfig is the part of the configuration that package source reads.
func kafkaConfig(cfg config.Kafka, log *slog.Logger) source.Config {
	k := source.DefaultConfig()
	k.Brokers, k.Group, k.Logger = cfg.Brokers, cfg.Group, log
	k.Topics, _ = topicDecoders(cfg.Topics)
	k.TLS = source.TLS{Enabled: cfg.TLS.Enabled, CA: cfg.TLS.CA, Cert: cfg.TLS.Cert, Key: cfg.TLS.Key}
	k.SASL = source.SASL{Mechanism: cfg.SASL.Mechanism, User: cfg.SASL.User, Password: cfg.SASL.Password, AllowPlaintext: cfg.SASL.AllowPlaintext}
	return k
}

func (c *cli) runKafka(ctx context.Context, cfg config.Config) (err error) {
	log := c.logger(cfg.Log)
	m := newMetrics()
	src, dec, err := kafkaSource(cfg, log, m.hooks())
	if err != nil {
		return err
	}
	e, err := openEngine(ctx, cfg, log)
	if err != nil {
		if errors.Is(err, index.ErrLocked) {
			err = fmt.Errorf("%w; stop it, or name another --data folder", err)
		}
		return errors.Join(err, src.Close())
	}
	e.observe = m.observe
	r, err := e.runner(src, dec, cfg.Run.MaxDeadShare)
	if err != nil {
		return errors.Join(err, src.Close(), e.close())
	}
	_, unlisten, err := e.show(ctx, m, r)
	if err != nil {
		return errors.Join(err, src.Close(), e.close())
	}
	log.Info("started", slog.String("definition_version", e.lab.version), slog.Any("topics", cfg.Kafka.Topics), slog.String("group", cfg.Kafka.Group))
	stop, rest := c.logRate(ctx, log, r), e.keeper.watch(ctx)
	err = r.Run(ctx)
	stop()
	if share, ok := errors.AsType[*pipeline.DeadShareError](err); ok {
		err = fmt.Errorf("%w; koe dead list shows them, koe dead retry reads them again, run.max_dead_share is the share", share)
	}
	rest()
	err = errors.Join(err, unlisten(), src.Close(), e.close())
	if err == nil {
		s := r.Stats()
		log.Info("stopped", slog.Int64("messages", s.Messages), slog.Int64("contacts", s.Contacts), slog.Int64("dead_letters", s.Dead))
	}
	return err
}

// kafkaSource makes the source and the decoder of the configured topics.
func kafkaSource(cfg config.Config, log *slog.Logger, hooks source.Hooks) (*source.Kafka, *decode.Decoder, error) {
	dec, err := newDecoder(cfg.Kafka)
	if err != nil {
		return nil, nil, &coded{exitUsage, err}
	}
	k := kafkaConfig(cfg.Kafka, log)
	k.Hooks = hooks
	if err := k.Validate(); err != nil {
		return nil, nil, &coded{exitUsage, err}
	}
	src, err := source.NewKafka(k)
	return src, dec, err
}

// logRate logs what was done every rateEvery until stop is called.
func (c *cli) logRate(ctx context.Context, log *slog.Logger, r *pipeline.Runner) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(rateEvery)
		defer t.Stop()
		last := int64(0)
		for {
			select {
			case <-t.C:
				s := r.Stats()
				log.Info("running", slog.Int64("messages", s.Messages), slog.Int64("contacts", s.Contacts), slog.Int64("voices", s.Voices),
					slog.Int64("dead_letters", s.Dead), slog.Float64("messages_per_second", float64(s.Messages-last)/rateEvery.Seconds()))
				last = s.Messages
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}
