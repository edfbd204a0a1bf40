package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// whole returns a file that is one message. Nothing in it is decoded: a mail
// says its charset itself.
func whole(in io.Reader) func() (row, error) {
	done := false
	return func() (row, error) {
		if done {
			return row{}, io.EOF
		}
		done = true
		value, err := io.ReadAll(io.LimitReader(in, MaxRow+1))
		if err != nil {
			return row{}, err
		}
		_, err = io.Copy(io.Discard, in) // the sum is that of the whole file
		return row{value: value}, err
	}
}

// mbox returns the mails of a mailbox file (RFC 4155, with the ">From " of
// mboxrd): each begins with a line "From " at the top or below a blank line.
func mbox(in io.Reader) func() (row, error) {
	r := bufio.NewReaderSize(in, chunk)
	var ahead []byte // the beginning of the next mail's first line
	first := true
	return func() (row, error) {
		var mail []byte
		started := ahead != nil
		ahead = nil
		blank := first
		first = false
		for {
			line, err := readLine(r)
			if err != nil && !errors.Is(err, io.EOF) {
				return row{}, err
			}
			switch {
			case blank && bytes.HasPrefix(line, []byte("From ")):
				if started {
					ahead = line
					return row{value: mail}, nil
				}
				started = true
			case len(line) > 0 && len(mail) <= MaxRow:
				started = true
				mail = append(mail, unquoteFrom(line)...)
			}
			blank = len(bytes.TrimRight(line, "\r\n")) == 0
			if errors.Is(err, io.EOF) {
				if !started || len(bytes.TrimSpace(mail)) == 0 {
					return row{}, io.EOF
				}
				return row{value: mail}, nil
			}
		}
	}
}

// readLine reads a line with its end; of one longer than MaxRow only the
// beginning is kept.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line) <= MaxRow {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// unquoteFrom takes one ">" from lines such as ">From " and ">>From ".
func unquoteFrom(line []byte) []byte {
	if rest := bytes.TrimLeft(line, ">"); len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From ")) {
		return line[1:]
	}
	return line
}
