package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// ErrBeyondEnd is wrapped when a position lies behind the end of its log.
var ErrBeyondEnd = errors.New("the position lies beyond the end of the log")

// errEnded is the cause of the end of a session's reading by itself.
var errEnded = errors.New("the generation ended")

// permanent explains an error that no waiting cures; it returns nil for the
// others, which a broker that is down or moving gives.
func permanent(err error) error {
	hint := ""
	switch code, _ := errors.AsType[kafka.Error](err); code { //nolint:exhaustive // the others are waited out
	case kafka.SASLAuthenticationFailed:
		hint = "user or password is wrong"
	case kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState:
		hint = "the broker does not offer this SASL mechanism on this port"
	case kafka.GroupAuthorizationFailed:
		hint = "this user may not read in this group; allow READ on the group, or choose another"
	case kafka.TopicAuthorizationFailed:
		hint = "this user may not read the topic; allow READ and DESCRIBE on it"
	case kafka.ClusterAuthorizationFailed:
		hint = "this user may not do that on the cluster"
	case kafka.InvalidGroupId:
		hint = "choose another group name"
	case kafka.InvalidSessionTimeout:
		hint = "the broker's group.min.session.timeout.ms and group.max.session.timeout.ms bound it"
	case kafka.InconsistentGroupProtocol:
		hint = "the group has members of another kind; choose a group that koe has alone"
	case kafka.InvalidTopic:
		hint = "a topic's name has letters, digits, '.', '_' and '-' only"
	}
	if hint == "" {
		hint = tlsHint(err)
	}
	if hint == "" {
		return nil
	}
	return fmt.Errorf("%w: %s", err, hint)
}

func tlsHint(err error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the broker's certificate is not trusted; is the CA file the right one, and does the certificate bear this host name?"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the broker's certificate is not trusted; name its CA file"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the port does not speak TLS"
	}
	// What the broker says against the client's side comes as text alone.
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "remote error" {
		for _, word := range []string{"certificate", "handshake failure", "protocol version"} {
			if strings.Contains(e.Err.Error(), word) {
				return "the broker refused the connection; does it want another client certificate?"
			}
		}
	}
	return ""
}

// pause waits for d and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// backoff doubles a pause up to its bound.
type backoff struct{ next, max time.Duration }

func (c Config) backoff() backoff { return backoff{c.BackoffMin, c.BackoffMax} }

func (b *backoff) pause(ctx context.Context) bool {
	d := b.next
	b.next = min(2*b.next, b.max)
	return pause(ctx, d)
}
