// Reader checks a Notary log with Go's own libraries for signed notes and transparency logs, which know nothing of
// Notary. Its own part is what the libraries leave open: the form of a checkpoint, the paths of C2SP tlog-tiles, the
// framing of entry bundles, the form of a tlog-proof, and a cache.
//
//	reader log URL VKEY [OLD-CHECKPOINT-FILE...]
//	reader proof FILE VKEY LEAF-HASH
//
// It prints what it checked and exits with 0, or says what does not hold and exits with 1.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "log":
		return checkLog(args[1], args[2], args[3:])
	case len(args) == 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3])
	}
	return fmt.Errorf("usage: reader log URL VKEY [OLD-CHECKPOINT-FILE...] | reader proof FILE VKEY LEAF-HASH")
}
