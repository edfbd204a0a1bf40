package mask_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/voc"
)

// A customer has another hash by a new key, and it is what the old one becomes;
// a contact keeps its id.
func TestRotation(t *testing.T) {
	keys := mask.Keys{[]byte(strings.Repeat("a", 16)), []byte(strings.Repeat("b", 16)), []byte(strings.Repeat("c", 16))}
	var hashes []string
	for n := range keys {
		m, err := keyed(t, keys[:n+1])
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Mask(voc.Contact{ID: voc.NewRaw("090-1234-5678"), Source: voc.NewRaw("crm"), CustomerKey: voc.NewRaw("C-1"), AgentKey: voc.NewRaw("op1")})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.CustomerBefore, hashes) {
			t.Errorf("by %d keys the hashes before are %v, want %v", n+1, r.CustomerBefore, hashes)
		}
		hashes = append(hashes, r.CustomerKey)
		if mask.Version(r.CustomerKey) != n+1 || mask.Version(r.AgentKey) != n+1 || !strings.HasPrefix(r.ID, "crm/h1:") {
			t.Errorf("by %d keys: customer %s, agent %s, id %s", n+1, r.CustomerKey, r.AgentKey, r.ID)
		}
		for _, old := range hashes {
			if got := m.Keys().Current(old); got != r.CustomerKey {
				t.Errorf("by %d keys %s becomes %s, want %s", n+1, old, got, r.CustomerKey)
			}
		}
		if got := m.CustomerHashes(voc.NewRaw("C-1")); !slices.Equal(got, hashes) {
			t.Errorf("by %d keys the hashes are %v, want %v", n+1, got, hashes)
		}
		if got := m.CustomerHashes(voc.NewRaw(hashes[0])); !slices.Equal(got, hashes) {
			t.Errorf("by %d keys those of the first hash are %v, want %v", n+1, got, hashes)
		}
	}
	for _, other := range []string{"", "C-1", "h9:" + strings.Repeat("0", 32), "h1:xyz", "h01:" + strings.Repeat("0", 32), "h1:" + strings.Repeat("g", 32)} {
		if got := keys.Current(other); got != other {
			t.Errorf("%q becomes %q", other, got)
		}
	}
}

func TestKeysAreChecked(t *testing.T) {
	for _, keys := range []mask.Keys{nil, {[]byte("short")}, {[]byte(strings.Repeat("a", 16)), nil}} {
		if _, err := keyed(t, keys); err == nil {
			t.Errorf("%d keys are taken", len(keys))
		}
	}
}
