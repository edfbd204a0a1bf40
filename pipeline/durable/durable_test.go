package durable_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/koe-voc/koe/pipeline/durable"
)

func TestReplace(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state", "key")
	for _, text := range []string{"first", "second, and longer", ""} {
		if err := durable.Replace(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func TestWhatCannotBeReplacedStays(t *testing.T) {
	name := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Replace(name, []byte("text")); err == nil {
		t.Error("a folder was replaced")
	}
	left, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func ExampleReplace() {
	dir, err := os.MkdirTemp("", "koe")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Println(durable.Replace(filepath.Join(dir, "state"), []byte("1\n")))
	// Output: <nil>
}
