package source_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/source"
)

// authority makes certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
	file string // of its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.file = a.write(t, "ca.pem", "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) write(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// issue returns the files of a certificate for the loopback address.
func (a *authority) issue(t *testing.T, name string) (cert, key string) {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	k := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, k.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return a.write(t, name+".pem", "CERTIFICATE", der), a.write(t, name+".key", "PRIVATE KEY", plain)
}

func TestKafkaOverTLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	cert, key := ca.issue(t, "broker")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	text, err := os.ReadFile(ca.file)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatal(err)
	}
	b := pipelinetest.Broker(t, kfake.SeedTopics(1, "calls"), kfake.TLS(&tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}))
	c := quick(b.ListenAddrs(), "calls")
	c.TLS.CA = ca.file
	c.TLS.Cert, c.TLS.Key = ca.issue(t, "koe")
	produce(t, c, "calls", sequence(0, 3))
	k := open(t, c)
	take(t, next(t, k), nil, 3)
	closing(t, k)

	for name, tc := range map[string]struct {
		change func(*source.Config)
		want   string
	}{
		"another CA":            {func(c *source.Config) { c.TLS.CA = other.file }, "not trusted"},
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
	c.TLS.CA = ca.write(t, "bad.pem", "NOTHING", nil)
	if _, err := source.NewKafka(c); err == nil || !strings.Contains(err.Error(), "PEM") {
		t.Errorf("no certificate in the CA file: %v", err)
	}
}
