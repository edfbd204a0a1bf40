package source

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Config says how brokers are reached and how a group reads.
type Config struct {
	Brokers  []string // host:port of some brokers
	Group    string   // consumer group
	Topics   []string
	ClientID string
	TLS      TLS
	SASL     SASL

	SessionTimeout   time.Duration // a member that is silent this long is dead
	Heartbeat        time.Duration // how often a member speaks, and how soon it hears of a rebalance
	RebalanceTimeout time.Duration // how long the group waits for a member to finish its work
	JoinBackoff      time.Duration // between attempts to join
	PartitionWatch   time.Duration // how soon new partitions are seen
	DialTimeout      time.Duration
	MetadataTTL      time.Duration // how soon a new leader is found
	MaxWait          time.Duration // of a fetch without data, and of the end of a session
	MaxBytes         int           // of a fetch; at least the largest message
	Queue            int           // messages fetched ahead, for each partition
	BackoffMin       time.Duration // after a broker error; it doubles up to BackoffMax
	BackoffMax       time.Duration
	TopicWait        time.Duration // how long a missing topic is waited for at the start
	EndCheck         time.Duration // how often positions are compared with the ends of the logs
	EndGrace         time.Duration // how long a position may lie behind the end before it is an error
	BatchTimeout     time.Duration // how long a message to be written waits for others

	Logger *slog.Logger // nil: discarded
	Hooks  Hooks
}

// Hooks are called as things happen, for metrics, by several goroutines at the
// same time; nil ones are not.
type Hooks struct {
	Assigned func(partitions []voc.Partition) // a session began
	Lost     func(p voc.Partition, n int64)   // n offsets were deleted before they were read
	Retry    func()                           // a broker did not answer as it should
}

// TLS says how the connection is encrypted. A CA or a certificate switches it
// on.
type TLS struct {
	Enabled bool
	CA      string // PEM file; empty: the system's
	Cert    string // PEM file of the client's certificate
	Key     string // PEM file of its key
}

func (t TLS) on() bool { return t.Enabled || t.CA != "" || t.Cert != "" }

// The mechanisms of SASL.
const (
	SASLPlain       = "plain"
	SASLScramSHA512 = "scram-sha-512"
)

// SASL says who koe is.
type SASL struct {
	Mechanism      string // empty: none
	User           string
	Password       string
	AllowPlaintext bool // send the credentials without TLS
}

// LogValue leaves the password out.
func (s SASL) LogValue() slog.Value {
	return slog.GroupValue(slog.String("mechanism", s.Mechanism), slog.String("user", s.User))
}

// DefaultConfig returns what koe starts with: no broker, no group, no topic.
func DefaultConfig() Config {
	return Config{
		ClientID:         "koe",
		SessionTimeout:   10 * time.Second, // brokers refuse less than 6 s; a dead member's partitions stand still this long
		Heartbeat:        time.Second,
		RebalanceTimeout: 30 * time.Second,       // as other clients: a flush of both sinks takes a few seconds
		JoinBackoff:      500 * time.Millisecond, // the library's 5 s delay every start: the first join of a new cluster usually fails once
		PartitionWatch:   5 * time.Second,
		DialTimeout:      5 * time.Second,
		MetadataTTL:      time.Second,            // the library's 6 s are the time that a writer misses a new leader
		MaxWait:          500 * time.Millisecond, // a session ends no sooner: the library cannot break off a fetch
		MaxBytes:         20 << 20,               // above the 16 MiB that a decoder accepts
		Queue:            32,                     // of 5 KB each this is less than a fetch; of 10 MB each it is bounded
		BackoffMin:       250 * time.Millisecond,
		BackoffMax:       5 * time.Second, // a broker restarts in about 5 s
		TopicWait:        10 * time.Second,
		EndCheck:         30 * time.Second,
		EndGrace:         10 * time.Second, // a new leader may know a lower end for a moment
		BatchTimeout:     10 * time.Millisecond,
	}
}

// Validate reports the first value that cannot work. It opens no file.
func (c Config) Validate() error {
	if err := c.validateConnection(); err != nil {
		return err
	}
	switch {
	case c.Group == "":
		return errors.New("kafka group: required")
	case len(c.Topics) == 0 || slices.Contains(c.Topics, ""):
		return errors.New("kafka topics: name at least one")
	case c.SessionTimeout < 6*time.Second:
		return errors.New("kafka session timeout: brokers refuse less than 6s")
	case c.Heartbeat <= 0 || c.Heartbeat > c.SessionTimeout/3:
		return errors.New("kafka heartbeat: want more than 0 and at most a third of the session timeout")
	case min(c.RebalanceTimeout, c.JoinBackoff, c.PartitionWatch, c.MaxWait, c.BackoffMin, c.EndCheck) <= 0 || c.BackoffMax < c.BackoffMin:
		return errors.New("kafka durations: want more than 0")
	case c.MaxBytes < 1<<20 || c.Queue < 1:
		return errors.New("kafka fetch: want at least 1 MiB and a queue of 1")
	}
	return nil
}

func (c Config) validateConnection() error {
	if len(c.Brokers) == 0 {
		return errors.New("kafka brokers: name at least one as host:port")
	}
	for _, b := range c.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			return fmt.Errorf("kafka broker %q: write host:port", b)
		}
	}
	switch {
	case c.TLS.Cert != "" && c.TLS.Key == "", c.TLS.Cert == "" && c.TLS.Key != "":
		return errors.New("kafka tls: a client certificate and its key go together")
	case !slices.Contains([]string{"", SASLPlain, SASLScramSHA512}, c.SASL.Mechanism):
		return fmt.Errorf("kafka sasl mechanism %q: write %s or %s", c.SASL.Mechanism, SASLPlain, SASLScramSHA512)
	case c.SASL.Mechanism != "" && (c.SASL.User == "" || c.SASL.Password == ""):
		return errors.New("kafka sasl: user and password are required")
	case c.SASL.Mechanism != "" && !c.TLS.on() && !c.SASL.AllowPlaintext:
		return errors.New("kafka sasl: the password would be sent without TLS; switch TLS on, or allow plaintext if the network is yours alone")
	case c.DialTimeout <= 0 || c.MetadataTTL <= 0 || c.BatchTimeout <= 0:
		return errors.New("kafka durations: want more than 0")
	}
	return nil
}

func (c Config) logger() *slog.Logger {
	if c.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Logger
}

// link holds what the library's parts need to reach brokers.
type link struct {
	tls  *tls.Config
	sasl sasl.Mechanism
	cfg  Config
}

func (c Config) link() (link, error) {
	l := link{cfg: c}
	if c.TLS.on() {
		t, err := c.TLS.load()
		if err != nil {
			return link{}, err
		}
		l.tls = t
	}
	switch c.SASL.Mechanism {
	case SASLPlain:
		l.sasl = plain.Mechanism{Username: c.SASL.User, Password: c.SASL.Password}
	case SASLScramSHA512:
		l.sasl = scramSHA512(c.SASL.User, c.SASL.Password)
	}
	return l, nil
}

func (t TLS) load() (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("kafka tls ca: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("kafka tls ca %s: no certificate in PEM form", t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("kafka tls client certificate: %w", err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}

func (l link) dialer() *kafka.Dialer {
	return &kafka.Dialer{ClientID: l.cfg.ClientID, Timeout: l.cfg.DialTimeout, DualStack: true, TLS: l.tls, SASLMechanism: l.sasl}
}

func (l link) transport() *kafka.Transport {
	return &kafka.Transport{ClientID: l.cfg.ClientID, DialTimeout: l.cfg.DialTimeout, MetadataTTL: l.cfg.MetadataTTL, TLS: l.tls, SASL: l.sasl}
}

func (l link) client(t *kafka.Transport) *kafka.Client {
	return &kafka.Client{Addr: kafka.TCP(l.cfg.Brokers...), Transport: t}
}

// debugLogger hands the library's lines, which name topics, offsets and
// addresses and never a payload, to slog.
type debugLogger struct{ log *slog.Logger }

func (d debugLogger) Printf(format string, args ...any) {
	d.log.Debug("kafka library", slog.String("detail", fmt.Sprintf(format, args...)))
}
