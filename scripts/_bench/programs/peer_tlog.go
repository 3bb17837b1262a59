// Go's golang.org/x/mod/sumdb/tlog: building a tree in memory, and proofs from it. It answers a line for each line.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

func build(size int64) []tlog.Hash {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return pick(stored, indexes), nil })
	for i := int64(0); i < size; i++ {
		hashes, err := tlog.StoredHashes(i, []byte(strconv.FormatInt(i, 10)), reader)
		if err != nil {
			panic(err)
		}
		stored = append(stored, hashes...)
	}
	return stored
}

func pick(stored []tlog.Hash, indexes []int64) []tlog.Hash {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = stored[index]
	}
	return hashes
}

func main() {
	size, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	stored := build(size)
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return pick(stored, indexes), nil })
	fmt.Println("{}")
	asked := int64(0)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		start := time.Now()
		if words[0] == "build" {
			stored = build(size)
		} else {
			count, _ := strconv.Atoi(words[1])
			for i := 0; i < count; i++ {
				asked++
				if _, err := tlog.ProveRecord(size, asked*7919%size, reader); err != nil {
					panic(err)
				}
			}
		}
		fmt.Println(time.Since(start).Seconds())
	}
}
