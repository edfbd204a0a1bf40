package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLostPermissionAtEverySystemCall lets the folders lose their permissions at
// the k-th call that makes, renames or removes a file, for as long as the command
// runs. It ends with an error; when the fault is over it runs again, and index
// and tables are those of a run that nobody disturbed.
func TestLostPermissionAtEverySystemCall(t *testing.T) {
	stride := killStride(t)
	k := newKills(t)
	before, calm, dir := filepath.Join(k.dir, "before"), filepath.Join(k.dir, "calm"), filepath.Join(k.dir, "run")
	want := k.prepare(t, before, calm)
	n := 0
	for _, calls := range []string{"mkdirat", "/^rename", "/^unlink", "/^link"} {
		for at := 1; ; at += max(1, stride/3) { // there are few
			k.copy(t, before, dir)
			out, failed := k.refuse(t, dir, calls, at, "load b.jsonl")
			if !failed {
				break
			}
			n++
			k.recovered(t, fmt.Sprint(calls, " ", at), dir, out, "permission denied", want)
		}
	}
	t.Logf("%d times without permission, each with an error, a second run and a comparison, row for row", n)
}

// TestAFullDiskOfAnySize runs on file systems that are a little larger each time,
// until all fits.
func TestAFullDiskOfAnySize(t *testing.T) {
	stride := killStride(t)
	k := newKills(t)
	before, calm, disk := filepath.Join(k.dir, "before"), filepath.Join(k.dir, "calm"), filepath.Join(k.dir, "disk")
	want := k.prepare(t, before, calm)
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	mount := func(options string) {
		if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", disk).CombinedOutput(); err != nil {
			t.Skipf("needs to mount a tmpfs: %v: %s", err, out)
		}
	}
	dir := filepath.Join(disk, "run")
	used, n := k.size(t, before), 0
	for room := 0; ; room += 2 * stride {
		mount(fmt.Sprintf("size=%dk", used+64))
		k.copy(t, before, dir)
		mount(fmt.Sprintf("remount,size=%dk", k.size(t, dir)+room))
		out, failed := k.try(t, dir, "load b.jsonl")
		if failed {
			n++
			mount(fmt.Sprintf("remount,size=%dk", used+10<<10))
			k.recovered(t, fmt.Sprint(room, " KiB of room"), dir, out, "no space left", want)
		}
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Fatal(err)
		}
		if !failed {
			break
		}
	}
	t.Logf("%d times with a full disk, each with an error, a second run and a comparison, row for row", n)
}

// recovered fails if a command that met a fault did not say so, or if the same
// command, run again, does not come to what is wanted.
func (k *kills) recovered(t *testing.T, fault, dir, says, hint string, want []string) {
	t.Helper()
	if !strings.Contains(says, hint) {
		t.Errorf("%s: %s", fault, says)
	}
	k.koe(t, dir, "load b.jsonl")
	if d := cmp.Diff(want, k.state(t, dir)); d != "" {
		t.Errorf("%s: %s", fault, d)
	}
}

// prepare makes a folder in which a is loaded, and one in which b is too, and
// returns what the second holds.
func (k *kills) prepare(t *testing.T, before, calm string) []string {
	t.Helper()
	k.fresh(t, before)
	k.koe(t, before, "load a.jsonl")
	k.copy(t, before, calm)
	k.koe(t, calm, "load b.jsonl")
	return k.state(t, calm)
}

// size is what a folder takes, in KiB.
func (k *kills) size(t *testing.T, dir string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "du", "-sk", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.Fields(string(out))[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// refuse runs a command whose calls are refused from the k-th on.
func (k *kills) refuse(t *testing.T, dir, calls string, at int, line string) (says string, failed bool) {
	t.Helper()
	return k.try(t, dir, line, "strace", "-f", "-o", os.DevNull, "-e", "trace="+calls, "-e", fmt.Sprintf("inject=%s:error=EACCES:when=%d+", calls, at))
}

// try runs a command, perhaps under another, and returns what it says if it
// fails as a command does.
func (k *kills) try(t *testing.T, dir, line string, under ...string) (says string, failed bool) {
	t.Helper()
	args := append(append(under, os.Args[0]), strings.Fields(line)...)
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(k.env(), "GOMAXPROCS=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return "", false
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailure {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return string(out), true
}
