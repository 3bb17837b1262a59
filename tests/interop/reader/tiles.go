package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
	// No file of a log is larger: 256 entries of at most 65,535 bytes, each after its length.
	maxFile = width * (2 + 65535)
)

// files reads the files of a log over HTTP, and keeps those that were found to be right.
type files struct {
	prefix string
	client *http.Client
	kept   map[string][]byte
}

func newFiles(prefix string) *files {
	return &files{strings.TrimSuffix(prefix, "/"), &http.Client{Timeout: 30 * time.Second}, map[string][]byte{}}
}

func (f *files) read(path string) ([]byte, error) {
	if data, ok := f.kept[path]; ok {
		return data, nil
	}
	response, err := f.client.Get(f.prefix + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %v", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: HTTP status %d", path, response.StatusCode)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxFile)
	}
	return data, nil
}

// tilePath returns the path of a tile in C2SP tlog-tiles, which differs from the library's: there is no height in it,
// and the bundles of entries are called entries, not data.
func tilePath(tile tlog.Tile) string {
	level := "entries"
	if tile.L >= 0 {
		level = fmt.Sprint(tile.L)
	}
	number := fmt.Sprintf("%03d", tile.N%1000)
	for rest := tile.N / 1000; rest > 0; rest /= 1000 {
		number = fmt.Sprintf("x%03d/%s", rest%1000, number)
	}
	if tile.W == width {
		return fmt.Sprintf("tile/%s/%s", level, number)
	}
	return fmt.Sprintf("tile/%s/%s.p/%d", level, number, tile.W)
}

// Height, ReadTiles and SaveTiles make files a tlog.TileReader.
func (f *files) Height() int { return height }

func (f *files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = f.read(tilePath(tile)); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (f *files) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, tile := range tiles {
		f.kept[tilePath(tile)] = data[i]
	}
}

// parseEntries returns the entries of a bundle: each after its length as two bytes, big-endian.
func parseEntries(data []byte, count int) ([][]byte, error) {
	entries := make([][]byte, 0, count)
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("the entry bundle is cut short")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if len(entries) != count {
		return nil, fmt.Errorf("the entry bundle has %d entries, not %d", len(entries), count)
	}
	return entries, nil
}

// cachedHashes keeps the hashes that the library's reader gave, which authenticates tiles anew whenever it is asked: so
// what is missing is asked for a tile at a time. Nothing rests on these hashes being right. CheckRecord and CheckTree
// hold what follows from them against signed roots.
type cachedHashes struct {
	reader tlog.HashReader
	size   int64
	known  map[int64]tlog.Hash
}

func newCachedHashes(tree tlog.Tree, files *files) *cachedHashes {
	return &cachedHashes{tlog.TileHashReader(tree, files), tree.N, map[int64]tlog.Hash{}}
}

func (c *cachedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if _, ok := c.known[index]; !ok {
			if err := c.learn(index); err != nil {
				return nil, err
			}
		}
		hashes[i] = c.known[index]
	}
	return hashes, nil
}

// learn asks for every hash that is in the same tile as the one with this index.
func (c *cachedHashes) learn(index int64) error {
	level, n := tlog.SplitStoredHashIndex(index)
	bottom := level / height * height
	number := n >> uint(height-(level-bottom))
	var indexes []int64
	for up := 0; up < height; up++ {
		per := int64(width >> uint(up))
		for n := number * per; n < (number+1)*per && n < c.size>>uint(bottom+up); n++ {
			indexes = append(indexes, tlog.StoredHashIndex(bottom+up, n))
		}
	}
	hashes, err := c.reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i, hash := range hashes {
		c.known[indexes[i]] = hash
	}
	return nil
}
