package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/koe-voc/koe/pipeline"
	"github.com/koe-voc/koe/pipeline/source"
	"github.com/koe-voc/koe/pipeline/voc"
)

// metrics is what koe run shows to Prometheus. Labels are closed sets: names of
// stages, sinks, reasons, kinds and types, topics and partitions; never text.
type metrics struct {
	registry *prometheus.Registry
	took     *prometheus.HistogramVec
	failed   *prometheus.CounterVec
	lost     prometheus.Counter
	retries  prometheus.Counter

	runner *pipeline.Runner
	sinks  []pipeline.Sink
	ends   func(context.Context) (map[voc.Partition]int64, error)

	mu     sync.Mutex
	asked  time.Time // when ends were last asked for
	known  map[voc.Partition]int64
	answer error
}

// newMetrics makes the metrics of operations; watch adds the rest.
func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "koe_operation_seconds", Help: "Time that a write, flush or commit took.",
			// From an idle tick to a flush of 20,000 contacts.
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"sink", "operation"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "koe_operation_errors_total", Help: "Writes, flushes and commits that failed; most are tried again."}, []string{"sink", "operation"}),
	}
	m.lost = prometheus.NewCounter(prometheus.CounterOpts{Name: "koe_messages_lost_total", Help: "Messages that the topic's retention deleted before koe read them."})
	m.retries = prometheus.NewCounter(prometheus.CounterOpts{Name: "koe_broker_retries_total", Help: "Times that a broker did not answer as it should."})
	m.registry.MustRegister(m.took, m.failed, m.lost, m.retries, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe is told of operations by the runner.
func (m *metrics) observe(sink, operation string, took time.Duration, err error) {
	m.took.WithLabelValues(sink, operation).Observe(took.Seconds())
	if err != nil {
		m.failed.WithLabelValues(sink, operation).Inc()
	}
}

// hooks are told of troubles by the source.
func (m *metrics) hooks() source.Hooks {
	return source.Hooks{Lost: func(_ voc.Partition, n int64) { m.lost.Add(float64(n)) }, Retry: m.retries.Inc}
}

// watch adds what runner and sinks tell. ends asks for the ends of the logs.
func (m *metrics) watch(r *pipeline.Runner, sinks []pipeline.Sink, ends func(context.Context) (map[voc.Partition]int64, error)) error {
	m.runner, m.sinks, m.ends = r, sinks, ends
	if err := m.registry.Register(m); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// described are the metrics that Collect reads off.
func described() map[string]*prometheus.Desc {
	out := map[string]*prometheus.Desc{}
	for _, d := range []struct {
		name, help string
		labels     []string
	}{
		{"koe_messages_consumed_total", "Messages read from the source.", nil},
		{"koe_message_bytes_total", "Bytes of the values of messages read.", nil},
		{"koe_messages_decoded_total", "Messages that could be read; the others are dead letters.", nil},
		{"koe_messages_empty_total", "Messages that hold no words.", nil},
		{"koe_contacts_total", "Contacts handed to the sinks, updates included.", nil},
		{"koe_contacts_deleted_total", "Deletes and tombstones handed to the sinks.", nil},
		{"koe_contacts_unclassified_total", "Contacts with an evaluation that got no label.", nil},
		{"koe_dead_letters_total", "Messages, or changes in them, that could not be read.", []string{"reason"}},
		{"koe_masked_total", "Stretches of personal data that were masked.", []string{"kind"}},
		{"koe_voices_total", "Voices found.", []string{"type"}},
		{"koe_stage_seconds_total", "Time in a stage, summed over all workers.", []string{"stage"}},
		{"koe_sink_position", "Next offset below which a sink is safe against a crash.", []string{"sink", "topic", "partition"}},
		{"koe_log_end", "Next offset of a partition's log, as the broker says.", []string{"topic", "partition"}},
		{"koe_lag_messages", "Messages in the log that a sink does not hold safely yet.", []string{"sink", "topic", "partition"}},
		{"koe_brokers_up", "1 if the brokers answered when they were last asked for the ends of logs.", nil},
		{"koe_ready", "1 while partitions are being read, 0 while they are assigned and resumed.", nil},
	} {
		out[d.name] = prometheus.NewDesc(d.name, d.help, d.labels, nil)
	}
	return out
}

// Describe is part of prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range described() {
		ch <- d
	}
}

// Collect is part of prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	desc := described()
	put := func(name string, kind prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc[name], kind, value, labels...)
	}
	count := func(name string, n int64, labels ...string) {
		put(name, prometheus.CounterValue, float64(n), labels...)
	}
	s := m.runner.Stats()
	count("koe_messages_consumed_total", s.Messages)
	count("koe_message_bytes_total", s.Bytes)
	count("koe_messages_decoded_total", s.Decoded)
	count("koe_messages_empty_total", s.Empty)
	count("koe_contacts_total", s.Contacts)
	count("koe_contacts_deleted_total", s.Deleted)
	count("koe_contacts_unclassified_total", s.Open)
	for reason, n := range s.DeadBy {
		count("koe_dead_letters_total", n, string(reason))
	}
	for kind, n := range s.Masked {
		count("koe_masked_total", n, kind)
	}
	for _, t := range voc.Types() {
		count("koe_voices_total", s.VoicesBy[t], string(t))
	}
	for _, st := range s.Stages {
		put("koe_stage_seconds_total", prometheus.CounterValue, st.Time.Seconds(), st.Name)
	}
	ready := 0.0
	if m.runner.Ready() {
		ready = 1
	}
	put("koe_ready", prometheus.GaugeValue, ready)
	m.positions(put)
}

func (m *metrics) positions(put func(name string, kind prometheus.ValueType, value float64, labels ...string)) {
	ends, err := m.logEnds()
	up := 1.0
	if err != nil {
		up = 0
	}
	put("koe_brokers_up", prometheus.GaugeValue, up)
	for p, end := range ends {
		put("koe_log_end", prometheus.GaugeValue, float64(end), p.Topic, strconv.Itoa(p.ID))
	}
	// The index has all partitions; of tables that several processes write, each
	// tells its own.
	all := slices.ContainsFunc(m.sinks, func(s pipeline.Sink) bool { return s.Name() == "index" })
	for _, sink := range m.sinks {
		at := sink.Durable()
		for p, n := range at {
			put("koe_sink_position", prometheus.GaugeValue, float64(n), sink.Name(), p.Topic, strconv.Itoa(p.ID))
		}
		for p, end := range ends {
			if n, mine := at[p]; mine || all {
				put("koe_lag_messages", prometheus.GaugeValue, float64(max(0, end-n)), sink.Name(), p.Topic, strconv.Itoa(p.ID))
			}
		}
	}
}

const (
	endsEvery = 5 * time.Second // the brokers are asked at most so often, however many scrape
	endsWait  = 2 * time.Second // a scrape waits no longer for them
)

// logEnds asks for the ends of the logs; those of before stand while no broker
// answers.
func (m *metrics) logEnds() (map[voc.Partition]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := time.Now(); now.Sub(m.asked) >= endsEvery {
		m.asked = now
		ctx, cancel := context.WithTimeout(context.Background(), endsWait)
		defer cancel()
		var ends map[voc.Partition]int64
		if ends, m.answer = m.ends(ctx); m.answer == nil {
			m.known = ends
		}
	}
	return m.known, m.answer
}

// handler answers /metrics, /healthz and /readyz.
func (m *metrics) handler(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if m.runner.Ready() {
			say(w, http.StatusOK, "ready")
			return
		}
		say(w, http.StatusServiceUnavailable, "partitions are being assigned and resumed")
	})
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // whoever asked has gone
}

// serve answers on an address until stop is called; at is where, for a port of
// 0 too. An empty address answers nowhere.
func (m *metrics) serve(ctx context.Context, addr string, log *slog.Logger) (at string, stop func() error, err error) {
	if addr == "" {
		return "", func() error { return nil }, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("metrics.listen: %w; name another address with --metrics-listen", err)
	}
	srv := &http.Server{Handler: m.handler(log), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	return l.Addr().String(), func() error {
		err := srv.Close()
		if e := <-done; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}
