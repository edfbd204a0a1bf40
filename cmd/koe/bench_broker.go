package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/koe-voc/koe/cmd/koe/demo"
)

// childBroker is the broker of koe demo in a process of its own, so that its
// work is not counted.
type childBroker struct {
	cmd   *exec.Cmd
	in    io.Closer // its end stops the child
	addrs []string
}

func startChildBroker(ctx context.Context) (*childBroker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, "bench", "--broker") //nolint:gosec // this program
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	var line string
	if _, err := fmt.Fscanln(out, &line); err != nil {
		return nil, errors.Join(fmt.Errorf("start a broker: %w", err), in.Close(), cmd.Wait())
	}
	return &childBroker{cmd, in, strings.Split(line, ",")}, nil
}

func (b *childBroker) close() error { return errors.Join(b.in.Close(), b.cmd.Wait()) }

// benchBroker is what the child does.
func (c *cli) benchBroker() error {
	b, err := demo.StartBroker(demoPartitions)
	if err != nil {
		return err
	}
	defer b.Close()
	fmt.Fprintln(c.out, strings.Join(b.Addrs(), ","))
	_, err = io.Copy(io.Discard, c.in)
	return err
}
