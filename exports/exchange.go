package exports

import "errors"

// ErrNoExchange is wrapped by Exchange on a file system that cannot swap two
// names in one step, as some network file systems.
var ErrNoExchange = errors.New("the file system cannot swap two folders in one step")
