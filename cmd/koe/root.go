package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
)

// The exit codes of koe, the same for every command.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2 // wrong flag, argument, query or configuration
	exitGate        = 3 // koe eval found a figure below its gate
	exitInterrupted = 130
)

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong flag, argument, query or configuration,
3 a quality gate failed, 130 interrupted.`

// coded is an error with an exit code of its own.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// usage marks an error as the caller's.
func usage(format string, args ...any) error {
	return &coded{exitUsage, fmt.Errorf(format, args...)}
}

// cli is what every command shares: the process's streams and the persistent
// flags. It is made anew for each run.
type cli struct {
	in       io.Reader
	out, err io.Writer
	flags    struct {
		config string
		quiet  bool
	}
	bound map[string][]*pflag.Flag // configuration key to the flags of all commands that stand for it
}

// run executes one command line. It is the whole program but for the process's
// own streams and exit.
func run(args []string, in io.Reader, out, errw io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal kills
	c := &cli{in: in, out: out, err: errw}
	root := newRoot(c)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Fprintln(errw, "koe: interrupted")
		return exitInterrupted
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitOK // the reader of stdout has gone: head, less
	}
	for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
		fmt.Fprintln(errw, "koe:", line)
	}
	if c, ok := errors.AsType[*coded](err); ok {
		return c.code
	}
	return exitFailure
}

func newRoot(c *cli) *cobra.Command {
	c.bound = map[string][]*pflag.Flag{}
	root := &cobra.Command{
		Use:   "koe",
		Short: "find, search and hand on the voices of customers",
		Long: `koe (声) reads what customers say to a company (call notes, chats, mails, forms,
SNS posts, surveys), mostly Japanese, finds each voice in it (a complaint, an
expectation, praise, an inquiry, with its aspect, evidence and risk), makes it
searchable within seconds, and hands it on as Parquet tables and weekly topic
exports.

stdout is data, stderr is for people.
` + exitCodes,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; koe help %s shows the flags", err, strings.TrimPrefix(cmd.CommandPath(), "koe "))
	})
	p := root.PersistentFlags()
	def := config.Default()
	p.StringVar(&c.flags.config, "config", "", "configuration file (default koe.yaml, if it is there)")
	p.BoolVarP(&c.flags.quiet, "quiet", "q", false, "no progress and no log below warn on stderr")
	c.bind(p, "data", "data", def.Data, "folder that one koe process holds")
	c.bind(p, "out", "out", def.Out, "folder of the Parquet tables")
	c.bind(p, "dict", "dict", def.Dict, "a site's own dictionary folder")
	c.bind(p, "log.level", "log-level", def.Log.Level, "debug, info, warn or error")
	c.bind(p, "log.format", "log-format", def.Log.Format, "auto, text or json")
	root.AddCommand(
		newDemoCommand(c), newBenchCommand(c), newRunCommand(c), newLoadCommand(c), newProduceCommand(c),
		newClassifyCommand(c), newExplainCommand(c), newMaskCommand(c), newSearchCommand(c), newShowCommand(c),
		newFormatsCommand(c), newDetectCommand(c), newDeadCommand(c), newStatusCommand(c), newExportCommand(c), newCompactCommand(c),
		newEraseCommand(c), newKeyCommand(c), newRebuildCommand(c), newBackupCommand(c), newEvalCommand(c), newTrainCommand(c), newDictCommand(c), newConfigCommand(c), newVersionCommand(c),
	)
	for _, cmd := range root.Commands() {
		wrapArgs(cmd)
	}
	return root
}

// wrapArgs makes wrong arguments, also of subcommands, end with exitUsage.
func wrapArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usage("%w; koe help %s shows how it is used", err, strings.TrimPrefix(cmd.CommandPath(), "koe "))
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}

// bind makes a string flag stand for a configuration key.
func (c *cli) bind(fs *pflag.FlagSet, key, name, def, help string) {
	fs.String(name, def, help)
	c.bound[key] = append(c.bound[key], fs.Lookup(name))
}

// bindList makes a repeatable flag stand for a configuration key.
func (c *cli) bindList(fs *pflag.FlagSet, key, name string, def []string, help string) {
	fs.StringSlice(name, def, help)
	c.bound[key] = append(c.bound[key], fs.Lookup(name))
}

// config loads the configuration; what is wrong in it is the caller's error.
func (c *cli) config() (config.Config, error) {
	flags := make(map[string]*pflag.Flag, len(c.bound))
	for key, all := range c.bound {
		// Only the flags of the command that runs can have changed.
		flags[key] = all[max(0, slices.IndexFunc(all, func(f *pflag.Flag) bool { return f.Changed }))]
	}
	cfg, err := config.Load(c.flags.config, flags)
	if err != nil {
		return cfg, &coded{exitUsage, err}
	}
	return cfg, nil
}

// logger writes to stderr: text on a terminal, JSON else.
func (c *cli) logger(cfg config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	if c.flags.quiet {
		level = max(level, slog.LevelWarn)
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "text" || cfg.Format == "auto" && ui.IsTerminal(c.err) {
		return slog.New(slog.NewTextHandler(c.err, opts))
	}
	return slog.New(slog.NewJSONHandler(c.err, opts))
}

// say writes a line for a person, unless told to be quiet.
func (c *cli) say(format string, args ...any) {
	if !c.flags.quiet {
		fmt.Fprintf(c.err, format+"\n", args...)
	}
}
