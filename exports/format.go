package exports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// checkFormat compares the format file with what is wanted, and writes it where
// it is new or did not know the cluster.
func (s *workspace) checkFormat(loc *time.Location, cluster string) error {
	have, err := readFormat(s.fs)
	if err != nil {
		return err
	}
	want := layout{version: formatVersion, zone: loc.String(), cluster: cluster}
	switch {
	case have == layout{}:
	case have.version != want.version:
		return fmt.Errorf("the folder has format %s, this koe writes %s; use the koe that made it, or another folder", have.version, want.version)
	case have.zone != want.zone:
		return fmt.Errorf("the folder was made with zone %s, now it is %s; use the zone it was made with, or another folder", have.zone, want.zone)
	case want.cluster == "" || have.cluster == want.cluster:
		return nil
	case have.cluster != "":
		return fmt.Errorf("the folder holds positions of Kafka cluster %s, now it is %s; use another folder for another cluster", have.cluster, want.cluster)
	}
	tmp := s.stagingName("format")
	f, err := s.fs.Create(tmp)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, want.String())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := s.fs.Rename(tmp, formatFile); err != nil {
		return err
	}
	return s.fs.SyncDir(".")
}

const (
	formatFile    = "format"
	formatVersion = "1"
)

// layout is what the format file fixes.
type layout struct{ version, zone, cluster string }

func (l layout) String() string {
	out := "koe exports " + l.version + "\nzone " + l.zone + "\n"
	if l.cluster != "" {
		out += "cluster " + l.cluster + "\n"
	}
	return out
}

// readFormat returns the zero layout if there is no file.
func readFormat(fsys FS) (l layout, err error) {
	f, err := fsys.Open(formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err := errors.Join(err, f.Close()); err != nil {
		return l, err
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if v, ok := strings.CutPrefix(line, "koe exports "); ok {
			l.version = v
		} else if v, ok := strings.CutPrefix(line, "zone "); ok {
			l.zone = v
		} else if v, ok := strings.CutPrefix(line, "cluster "); ok {
			l.cluster = v
		}
	}
	if l.version == "" || l.zone == "" {
		return l, errors.New("the file format is not koe's; name another folder with --out, or restore the file from a backup")
	}
	return l, nil
}
