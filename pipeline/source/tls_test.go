package source_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
)

func TestKafkaOverTLS(t *testing.T) {
	ca, other := pipelinetest.NewAuthority(t), pipelinetest.NewAuthority(t)
	cert, key := ca.Issue(t, "broker")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	text, err := os.ReadFile(ca.File)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatal(err)
	}
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"), kfake.TLS(&tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}))
	c := quick(b.ListenAddrs(), "calls")
	c.TLS.CA = ca.File
	c.TLS.Cert, c.TLS.Key = ca.Issue(t, "koe")
	produce(t, c, "calls", sequence(0, 3))
	k := open(t, c)
	take(t, next(t, k), nil, 3)
	closing(t, k)

	for name, tc := range map[string]struct {
		change func(*source.Config)
		want   string
	}{
		"another CA":            {func(c *source.Config) { c.TLS.CA = other.File }, "not trusted"},
		"no CA":                 {func(c *source.Config) { c.TLS.CA = "" }, "not trusted"},
		"no client certificate": {func(c *source.Config) { c.TLS.Cert, c.TLS.Key = "", "" }, "client certificate"},
	} {
		broken := c
		tc.change(&broken)
		k := open(t, broken)
		if _, err := k.Next(t.Context()); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		closing(t, k)
	}
	plain := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"))
	c.Brokers = plain.ListenAddrs()
	c.TLS.CA = filepath.Join(t.TempDir(), "bad.pem")
	if err := os.WriteFile(c.TLS.CA, pem.EncodeToMemory(&pem.Block{Type: "NOTHING"}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := source.NewKafka(c); err == nil || !strings.Contains(err.Error(), "PEM") {
		t.Errorf("no certificate in the CA file: %v", err)
	}
}
