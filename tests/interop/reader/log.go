package main

import (
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

// checkLog checks the log at a URL at its newest checkpoint and at each one that was kept from earlier, oldest first:
// every tree continues all those before it, and every record is in every tree that is large enough to hold it.
func checkLog(url, vkey string, kept []string) error {
	files := newFiles(url)
	newest, err := files.read("checkpoint")
	if err != nil {
		return err
	}
	trees := make([]tlog.Tree, 0, len(kept)+1)
	for _, name := range kept {
		signed, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tree, err := openCheckpoint(signed, vkey)
		if err != nil {
			return fmt.Errorf("%s: %v", name, err)
		}
		trees = append(trees, tree)
	}
	tree, err := openCheckpoint(newest, vkey)
	if err != nil {
		return err
	}
	trees = append(trees, tree)
	hashes := make([]*cachedHashes, len(trees))
	for i, tree := range trees {
		hashes[i] = newCachedHashes(tree, files)
		for _, older := range trees[:i] {
			if err := checkConsistency(tree, older, hashes[i]); err != nil {
				return fmt.Errorf("tree of %d after the tree of %d: %v", tree.N, older.N, err)
			}
			fmt.Printf("tree of %d continues the tree of %d\n", tree.N, older.N)
		}
	}
	for i, tree := range trees {
		records, err := checkRecords(tree, files, hashes[i])
		if err != nil {
			return fmt.Errorf("tree of %d: %v", tree.N, err)
		}
		fmt.Printf("tree of %d: %d records\n", tree.N, records)
	}
	return nil
}

// checkRecords checks every record of the tree against the tree's root, and returns how many there are.
func checkRecords(tree tlog.Tree, files *files, hashes tlog.HashReader) (int64, error) {
	var index int64
	for number := int64(0); number*width < tree.N; number++ {
		count := int64(width)
		if rest := tree.N - number*width; rest < count {
			count = rest
		}
		path := tilePath(tlog.Tile{H: height, L: -1, N: number, W: int(count)})
		data, err := files.read(path)
		if err != nil {
			return 0, err
		}
		entries, err := parseEntries(data, int(count))
		if err != nil {
			return 0, fmt.Errorf("%s: %v", path, err)
		}
		for _, entry := range entries {
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return 0, fmt.Errorf("record %d: %v", index, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return 0, fmt.Errorf("record %d: %v", index, err)
			}
			index++
		}
		files.kept[path] = data
	}
	return index, nil
}

// checkConsistency checks that tree continues older.
func checkConsistency(tree, older tlog.Tree, hashes tlog.HashReader) error {
	if older.N > tree.N {
		return fmt.Errorf("the log went back")
	}
	proof, err := tlog.ProveTree(tree.N, older.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}
