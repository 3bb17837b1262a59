"""The package trie: receipt proofs of a block. Argument: a file {root, proofs}. It answers how long they took."""

import json
import sys
import time
from pathlib import Path

import rlp
from trie import HexaryTrie

if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    root = bytes.fromhex(given["root"])
    proofs = [[bytes.fromhex(node) for node in nodes] for nodes in given["proofs"]]
    print("{}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for index, nodes in enumerate(proofs):
            if not HexaryTrie.get_from_proof(root, rlp.encode(index), [rlp.decode(node) for node in nodes]):
                raise SystemExit("the proof proves nothing")
        print(time.perf_counter() - start, flush=True)
