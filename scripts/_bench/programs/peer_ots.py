"""OpenTimestamps: ``verify HASHES`` answers how long proofs of so many hashes take; ``make FILE`` writes one."""

import sys
import time
from hashlib import sha256
from pathlib import Path

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesDeserializationContext, BytesSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp


def _timestamp(start: bytes, hashes: int) -> Timestamp:
    timestamp = last = Timestamp(start)
    for height in range(hashes):
        sibling = sha256(start + bytes([height])).digest()
        last = last.ops.add(OpAppend(sibling) if height % 2 else OpPrepend(sibling)).ops.add(OpSHA256())
    last.attestations.add(BitcoinBlockHeaderAttestation(800_000))
    return timestamp


def _verify(hashes: int) -> None:
    proofs = []
    for i in range(200):
        start = sha256(b"%d" % i).digest()
        context = BytesSerializationContext()
        timestamp = _timestamp(start, hashes)
        timestamp.serialize(context)
        [(root, _)] = timestamp.all_attestations()
        proofs.append((start, context.getbytes(), root))
    print("{}", flush=True)
    for line in sys.stdin:
        begin = time.perf_counter()
        for number in range(int(line)):
            start, data, root = proofs[number % len(proofs)]
            timestamp = Timestamp.deserialize(BytesDeserializationContext(data), start)
            [(found, _)] = timestamp.all_attestations()
            if found != root:
                raise SystemExit("the proof leads to another root")
        print(time.perf_counter() - begin, flush=True)


def _make(file: Path) -> None:
    context = BytesSerializationContext()
    DetachedTimestampFile(OpSHA256(), _timestamp(sha256(b"article").digest(), 20)).serialize(context)
    file.write_bytes(context.getbytes())
    print("{}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        _make(Path(sys.argv[2]))
    else:
        _verify(int(sys.argv[2]))
