package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkProof checks a file in the form c2sp.org/tlog-proof@v1 for the record with the given leaf hash.
func checkProof(name, vkey, leaf string) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var leafHash tlog.Hash
	decoded, err := hex.DecodeString(leaf)
	if err != nil || copy(leafHash[:], decoded) != tlog.HashSize {
		return fmt.Errorf("leaf hash: %q", leaf)
	}
	head, checkpoint, found := strings.Cut(string(content), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return fmt.Errorf("proof: not in the form c2sp.org/tlog-proof@v1 without extra data")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return fmt.Errorf("proof: %q", lines[1])
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return fmt.Errorf("proof: hash %q", line)
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint([]byte(checkpoint), vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leafHash); err != nil {
		return fmt.Errorf("record %d: %v", index, err)
	}
	fmt.Printf("record %d is in the tree of %d\n", index, tree.N)
	return nil
}
