// Package config holds the whole configuration of koe and how it is put
// together: flags over environment (KOE_…) over a YAML file over defaults. It
// is the only package that knows viper.
//
// It holds values and checks them. It opens no file but the configuration and
// the secret files that it names.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Config is everything that can be set. Each field's doc tag is what
// `koe config print` writes beside it.
type Config struct {
	Data    string  `mapstructure:"data" doc:"folder that one koe process holds: index, dictionaries used, state"`
	Out     string  `mapstructure:"out" doc:"folder of the Parquet tables"`
	Dict    string  `mapstructure:"dict" doc:"a site's own dictionary folder, laid over the built-in one; empty: none"`
	Zone    string  `mapstructure:"zone" doc:"time zone of days and weeks; fixed when data and out are created"`
	KeyFile string  `mapstructure:"key_file" doc:"file with the secret key of customer and agent hashes; empty: made under data at first use"`
	Sinks   string  `mapstructure:"sinks" doc:"which sinks run: index,exports or one of them"`
	Log     Log     `mapstructure:"log" doc:"messages on stderr"`
	Kafka   Kafka   `mapstructure:"kafka" doc:"where koe run reads and koe produce writes"`
	Run     Run     `mapstructure:"run" doc:"how work is shared out"`
	Exports Exports `mapstructure:"exports" doc:"when Parquet files close"`
	Metrics Metrics `mapstructure:"metrics" doc:"what koe run shows to monitoring"`
	Keep    Keep    `mapstructure:"keep" doc:"how long contacts are kept"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `mapstructure:"level" doc:"debug, info, warn or error"`
	Format string `mapstructure:"format" doc:"auto (text on a terminal, JSON else), text or json"`
}

// Kafka says how the brokers are reached.
type Kafka struct {
	Brokers  []string `mapstructure:"brokers" doc:"host:port of some brokers"`
	Group    string   `mapstructure:"group" doc:"consumer group"`
	Topics   []string `mapstructure:"topics" doc:"topics to read, each as NAME or NAME=DECODER; koe formats lists the decoders"`
	Mappings []string `mapstructure:"mappings" doc:"mapping files of topics whose objects have names of their own, each as NAME=FILE; the decoder is contact, avro or json-schema"`
	Schemas  Schemas  `mapstructure:"schemas" doc:"of the decoders avro and json-schema"`
	TLS      TLS      `mapstructure:"tls" doc:"encryption"`
	SASL     SASL     `mapstructure:"sasl" doc:"authentication"`
}

// Schemas says where the schemas of messages are.
type Schemas struct {
	From         string `mapstructure:"from" doc:"address of a schema registry, or a folder of files such as 7.avsc and 8.json; empty: none"`
	User         string `mapstructure:"user" doc:"user name for the registry; empty: none"`
	Password     string `mapstructure:"password" doc:"password; better: password_file or KOE_KAFKA_SCHEMAS_PASSWORD" secret:"true"`
	PasswordFile string `mapstructure:"password_file" doc:"file that holds the password"`
}

// TLS says how the connection is encrypted.
type TLS struct {
	Enabled bool   `mapstructure:"enabled" doc:"encrypt; a CA or a certificate below switches it on too"`
	CA      string `mapstructure:"ca" doc:"PEM file of a private certificate authority"`
	Cert    string `mapstructure:"cert" doc:"PEM file of the client certificate"`
	Key     string `mapstructure:"key" doc:"PEM file of the client key"`
}

// SASL says who koe is.
type SASL struct {
	Mechanism      string `mapstructure:"mechanism" doc:"plain or scram-sha-512; empty: none"`
	User           string `mapstructure:"user" doc:"user name"`
	Password       string `mapstructure:"password" doc:"password; better: password_file or KOE_KAFKA_SASL_PASSWORD" secret:"true"`
	PasswordFile   string `mapstructure:"password_file" doc:"file that holds the password"`
	AllowPlaintext bool   `mapstructure:"allow_plaintext" doc:"send credentials over a connection without TLS"`
}

// Run says how work is shared out.
type Run struct {
	Workers int           `mapstructure:"workers" doc:"contacts labelled at the same time; 0: one a core"`
	Drain   time.Duration `mapstructure:"drain" doc:"how long a stop may take"`

	MaxDeadShare float64 `mapstructure:"max_dead_share" doc:"koe run stops when more than this share of a topic's last 1000 messages (from 100 on) are dead letters; 0: never"`
}

// Exports says when Parquet files close.
type Exports struct {
	MaxAge  time.Duration `mapstructure:"max_age" doc:"a file closes when its oldest row is this old"`
	MaxRows int           `mapstructure:"max_rows" doc:"a file closes when its tables hold this many contacts"`
}

// Metrics says where koe run answers /metrics, /healthz and /readyz.
type Metrics struct {
	Listen string `mapstructure:"listen" doc:"address such as 127.0.0.1:9464; empty: nowhere. It has no password: keep it inside"`
}

// Keep says how long contacts are kept.
type Keep struct {
	Days int `mapstructure:"days" doc:"days after which a contact goes from index, tables and weekly exports; 0: never"`
}

// Default returns the values that hold where nothing is said.
func Default() Config {
	return Config{
		Data: "koe-data", Out: "koe-out", Zone: "Asia/Tokyo", Sinks: "index,exports",
		Log:   Log{Level: "info", Format: "auto"},
		Kafka: Kafka{Brokers: []string{"127.0.0.1:9092"}, Group: "koe", Topics: []string{"calls=call", "chats=chat"}, Mappings: []string{}},
		// 25 s lie below the 30 s after which supervisors kill.
		// Half of a topic being unreadable is a wrong decoder, not bad messages.
		Run: Run{Drain: 25 * time.Second, MaxDeadShare: 0.5},
		// Files of 15 minutes keep a day below 100 files a partition; 20,000 contacts are one row group.
		Exports: Exports{MaxAge: 15 * time.Minute, MaxRows: 20_000},
	}
}

// SinkNames returns the sinks that run.
func (c Config) SinkNames() []string {
	var out []string
	for s := range strings.SplitSeq(c.Sinks, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Location is the zone. Validate has checked that it exists.
func (c Config) Location() *time.Location {
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Validate reports every value that cannot work, each with its key and what
// may stand there.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if c.Data == "" {
		bad("data", "name a folder")
	}
	if c.Out == "" {
		bad("out", "name a folder")
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" {
		bad("zone", "%q is not a time zone; write one such as Asia/Tokyo", c.Zone)
	}
	names := c.SinkNames()
	for _, s := range names {
		if s != "index" && s != "exports" {
			bad("sinks", "%q is not a sink; write index, exports or both", s)
		}
	}
	if len(names) == 0 {
		bad("sinks", "write index, exports or both")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "%q; write debug, info, warn or error", c.Log.Level)
	}
	if !slices.Contains([]string{"auto", "text", "json"}, c.Log.Format) {
		bad("log.format", "%q; write auto, text or json", c.Log.Format)
	}
	if !slices.Contains([]string{"", "plain", "scram-sha-512"}, c.Kafka.SASL.Mechanism) {
		bad("kafka.sasl.mechanism", "%q; write plain or scram-sha-512", c.Kafka.SASL.Mechanism)
	}
	if c.Run.Workers < 0 {
		bad("run.workers", "want 0 or more")
	}
	if c.Run.Drain <= 0 {
		bad("run.drain", "want a duration such as 25s")
	}
	if c.Run.MaxDeadShare < 0 || c.Run.MaxDeadShare > 1 {
		bad("run.max_dead_share", "want a share from 0 to 1 such as 0.5")
	}
	if c.Exports.MaxAge <= 0 {
		bad("exports.max_age", "want a duration such as 15m")
	}
	if c.Exports.MaxRows < 1 {
		bad("exports.max_rows", "want 1 or more")
	}
	if c.Keep.Days < 0 {
		bad("keep.days", "want 0 or more")
	}
	return errors.Join(errs...)
}

// Load puts the configuration together. file may be empty: koe.yaml in the
// working folder is then read if it is there. flags maps keys such as
// "kafka.group" to flags, of which those that were set on the command line
// win over everything.
func Load(file string, flags map[string]*pflag.Flag) (Config, error) {
	v := viper.New()
	v.SetEnvPrefix("KOE")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()
	defaults := map[string]any{}
	if err := mapstructure.Decode(Default(), &defaults); err != nil {
		return Config{}, fmt.Errorf("configuration defaults: %w", err)
	}
	for k, d := range defaults {
		v.SetDefault(k, d)
	}
	for key, f := range flags {
		if err := v.BindPFlag(key, f); err != nil {
			return Config{}, fmt.Errorf("bind flag --%s: %w", f.Name, err)
		}
	}
	if file == "" {
		if _, err := os.Stat(defaultFile); err == nil {
			file = defaultFile
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Config{}, fmt.Errorf("look for %s: %w", defaultFile, err)
		}
	}
	if file != "" {
		v.SetConfigFile(file)
		v.SetConfigType("yaml")
		if err := v.ReadInConfig(); err != nil {
			return Config{}, fmt.Errorf("read configuration %s: %w", file, err)
		}
	}
	var c Config
	if err := v.UnmarshalExact(&c); err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w; koe config print shows the keys", file, plain(err))
	}
	if err := c.secrets(); err != nil {
		return Config{}, err
	}
	if err := c.Validate(); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
}

const defaultFile = "koe.yaml"

// plain puts mapstructure's report, which spreads over lines, on one.
func plain(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}

func (c *Config) secrets() error {
	for _, s := range []struct {
		key      string
		password *string
		file     string
	}{
		{"kafka.sasl", &c.Kafka.SASL.Password, c.Kafka.SASL.PasswordFile},
		{"kafka.schemas", &c.Kafka.Schemas.Password, c.Kafka.Schemas.PasswordFile},
	} {
		if s.file == "" {
			continue
		}
		if *s.password != "" {
			return fmt.Errorf("%s: both password and password_file are set; keep one", s.key)
		}
		b, err := os.ReadFile(s.file)
		if err != nil {
			return fmt.Errorf("%s.password_file: %w", s.key, err)
		}
		*s.password = strings.TrimRight(string(b), "\r\n")
	}
	return nil
}
