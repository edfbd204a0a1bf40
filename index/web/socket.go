package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// SocketName is the file of the socket in a data folder.
const SocketName = "koe.sock"

// Server answers on a Unix socket until it is closed.
type Server struct {
	http *http.Server
	done chan error
	path string
}

// Serve answers h on the socket of a data folder, which the caller has locked:
// a socket that is there belongs to a process that is gone. Only the owner of
// the folder may connect.
func Serve(dir string, h http.Handler, log *slog.Logger) (*Server, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", path, err), l.Close())
	}
	s := &Server{
		http: &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)},
		done: make(chan error, 1), path: path,
	}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// Close waits a moment for requests under way, then ends them, and removes the
// socket.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	if e := <-s.done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// Dial returns a client of the process that holds a data folder, or an error
// if none answers.
func Dial(ctx context.Context, dir string) (*Client, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s is held by a process that does not answer on its socket; try again when it has started, or stop it: %w", dir, err)
	}
	if err := conn.Close(); err != nil {
		return nil, fmt.Errorf("ask koe: %w", err)
	}
	return NewClient(path), nil
}

// maxSocket is the longest path of a socket that Linux takes (sun_path of
// unix(7), less the end); macOS takes 4 less.
const maxSocket = 103

// socketPath is the socket's path, relative where the absolute one is too long.
func socketPath(dir string) (string, error) {
	path := filepath.Join(dir, SocketName)
	if len(path) <= maxSocket {
		return path, nil
	}
	if wd, err := os.Getwd(); err == nil {
		if abs, err := filepath.Abs(path); err == nil {
			if rel, err := filepath.Rel(wd, abs); err == nil && len(rel) <= maxSocket {
				return rel, nil
			}
		}
	}
	return "", fmt.Errorf("the path %s is too long for a socket (%d bytes at most); use a shorter --data folder", path, maxSocket)
}
