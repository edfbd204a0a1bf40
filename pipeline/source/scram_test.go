package source

import (
	"crypto/sha256"
	"strings"
	"testing"
)

// The exchange that RFC 7677 gives in section 3.
func TestScramOfTheRFC(t *testing.T) {
	s := scram{name: "SCRAM-SHA-256", hash: sha256.New, user: "user", password: "pencil", nonce: func() string { return "rOprNGfwEbeRWgbNEkqO" }}
	x, first, err := s.Start(t.Context())
	if err != nil || string(first) != "n,,n=user,r=rOprNGfwEbeRWgbNEkqO" {
		t.Fatalf("first message %s, %v", first, err)
	}
	done, proof, err := x.Next(t.Context(), []byte("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
	want := "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
	if err != nil || done || string(proof) != want {
		t.Fatalf("proof %s, %v", proof, err)
	}
	if _, _, err := x.Next(t.Context(), []byte("v=AAAA")); err == nil {
		t.Error("a broker without the password was believed")
	}
	if done, _, err := x.Next(t.Context(), []byte("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")); !done || err != nil {
		t.Errorf("the broker's signature: %v", err)
	}
}

func TestScramRefusesNonsense(t *testing.T) {
	for _, challenge := range []string{
		"", "x", "r=other,s=QUJD,i=4096", "r=own,s=QUJD,i=4096", "r=ownA,s=?,i=4096", "r=ownA,s=,i=4096", "r=ownA,s=QUJD,i=0", "r=ownA,s=QUJD,i=99999999",
	} {
		s := scram{hash: sha256.New, user: "a,b=c", password: "p", nonce: func() string { return "own" }}
		x, first, err := s.Start(t.Context())
		if err != nil || !strings.Contains(string(first), "n=a=2Cb=3Dc,") {
			t.Fatalf("first message %s, %v", first, err)
		}
		if _, _, err := x.Next(t.Context(), []byte(challenge)); err == nil {
			t.Errorf("%q was accepted", challenge)
		}
	}
}
