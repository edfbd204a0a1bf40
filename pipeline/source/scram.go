package source

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
	"golang.org/x/text/unicode/norm"
)

// scram is the client's side of RFC 5802 without channel binding, which Kafka
// does not have. It is safe for concurrent use.
type scram struct {
	name           string
	hash           func() hash.Hash
	user, password string
	nonce          func() string
}

func scramSHA512(user, password string) sasl.Mechanism {
	return scram{name: "SCRAM-SHA-512", hash: sha512.New, user: user, password: norm.NFKC.String(password), nonce: rand.Text}
}

// Name is the mechanism's name by the protocol.
func (s scram) Name() string { return s.name }

// Start returns the first message.
func (s scram) Start(context.Context) (sasl.StateMachine, []byte, error) {
	user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(s.user)
	x := &scramExchange{scram: s, own: s.nonce()}
	x.first = "n=" + user + ",r=" + x.own
	return x, []byte("n,," + x.first), nil
}

type scramExchange struct {
	scram
	own    string
	first  string
	server []byte // signature that the broker has to show; nil: not yet
}

// maxIterations keeps a broker that is none from using up the processor;
// Kafka's highest is 16,384.
const maxIterations = 1 << 20

// Next answers the broker's first message and checks its second.
func (x *scramExchange) Next(_ context.Context, challenge []byte) (bool, []byte, error) {
	msg := string(challenge)
	attrs := map[string]string{}
	for part := range strings.SplitSeq(msg, ",") {
		if k, v, ok := strings.Cut(part, "="); ok {
			attrs[k] = v
		}
	}
	if x.server != nil {
		sig, err := base64.StdEncoding.DecodeString(attrs["v"])
		if err != nil || !hmac.Equal(sig, x.server) {
			return false, nil, errors.New("SCRAM: the broker does not know the password either; is it the right one?")
		}
		return true, nil, nil
	}
	salt, err := base64.StdEncoding.DecodeString(attrs["s"])
	n, errN := strconv.Atoi(attrs["i"])
	if err != nil || errN != nil || n < 1 || n > maxIterations || len(salt) == 0 || !strings.HasPrefix(attrs["r"], x.own) || attrs["r"] == x.own {
		return false, nil, errors.New("SCRAM: the broker's challenge cannot be read")
	}
	salted, err := pbkdf2.Key(x.hash, x.password, salt, n, x.hash().Size())
	if err != nil {
		return false, nil, fmt.Errorf("SCRAM: %w", err)
	}
	final := "c=biws,r=" + attrs["r"]
	auth := x.first + "," + msg + "," + final
	key := x.mac(salted, "Client Key")
	stored := x.hash()
	stored.Write(key)
	proof := x.mac(stored.Sum(nil), auth)
	for i := range proof {
		proof[i] ^= key[i]
	}
	x.server = x.mac(x.mac(salted, "Server Key"), auth)
	return false, bytes.Join([][]byte{[]byte(final), []byte(base64.StdEncoding.EncodeToString(proof))}, []byte(",p=")), nil
}

func (x *scramExchange) mac(key []byte, text string) []byte {
	m := hmac.New(x.hash, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}
