"""What the two implementations make of cases, in the form of the vectors."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from notary.core.encodings import decode_html
from notary.core.html import canonical_page
from notary.core.profile import parse_profile
from notary.core.text import canonical, compare
from notary.errors import InvalidInput
from scripts._dev import node
from tests import verify_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from selectolax.lexbor import LexborNode

    from tests.parity.pagecase import Vector

T = TypeVar("T")

VECTORS = Path(__file__).parents[1] / "vectors"
ANSWERS = frozenset((
    "canonical", "sha256", "lines", "difference", "ids", "document", "asides", "images", "links", "error", "field",
    "position",
))  # fmt: skip
PROGRAM = Path(__file__).parents[1] / "js" / "answer.mjs"


def python_answer(vector: Vector) -> Vector:
    """Return what Python makes of a case."""
    if "bundle_hex" in vector:
        return verify_case.run(vector)
    try:
        if "recorded" in vector:
            return {"difference": str(compare(vector["recorded"].encode(), vector["copy"].encode()))}
        if "kind" in vector:
            data = bytes.fromhex(vector["input_hex"]) if "input_hex" in vector else vector["input"].encode()
            text = canonical(data, vector["kind"])
            return {"canonical": text.data.decode(), "sha256": text.sha256.hex(), "lines": len(text.lines)}
        return _page(vector)
    except InvalidInput as error:
        members = {"error": error.code, "position": error.position, "field": error.field}
        return {name: value for name, value in members.items() if value is not None}


def load_vectors(area: str) -> list[Vector]:
    """Return the vectors of an area."""
    vectors = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((VECTORS / area).glob("*.json"))]
    assert vectors
    return vectors


def expected(vector: Vector) -> Vector:
    """Return what a vector says that the answer is."""
    return {name: value for name, value in vector.items() if name in ANSWERS}


def _page(vector: Vector) -> Vector:
    data = bytes.fromhex(vector["page_hex"]) if "page_hex" in vector else vector["page"].encode()
    made = canonical_page(
        data + b" " * vector.get("pad", 0),
        parse_profile(vector["profile"]),
        charset=vector.get("charset"),
        supplied={src: bytes.fromhex(digest) for src, digest in vector.get("supplied", {}).items()},
        **({"max_bytes": vector["max_bytes"]} if "max_bytes" in vector else {}),
    )
    images = [
        {"src": image.src, "alt": image.alt} | ({} if image.sha256 is None else {"sha256": image.sha256.hex()})
        for image in made.images
    ]
    lists = {
        "asides": [{"kind": aside.kind, "text": aside.text} for aside in made.asides],
        "images": images,
        "links": [{"href": link.href, "text": link.text} for link in made.links],
    }
    return {"document": made.text.data.decode(), **{name: value for name, value in lists.items() if value}}


def node_answers(vectors: Sequence[Vector], meanwhile: Callable[[], T]) -> tuple[list[Any], T]:
    """Return what Node.js answers, and what there was to do meanwhile."""
    # In files, for a pipe is soon full.
    with tempfile.TemporaryFile() as cases, tempfile.TemporaryFile() as answers:
        cases.writelines(json.dumps(vector).encode() + b"\n" for vector in vectors)
        cases.seek(0)
        with subprocess.Popen([str(node.executable()), str(PROGRAM)], stdin=cases, stdout=answers) as program:
            done = meanwhile()
        assert program.returncode == 0
        answers.seek(0)
        return [json.loads(line) for line in answers], done


def tally(answers: Iterable[Vector]) -> Counter[str]:
    """Return how often each outcome was met."""
    return Counter(answer.get("error", "accepted") for answer in answers)


def lexbor_tree(vector: Vector) -> Any:
    """Return the tree of a page as `treeOf` of tests/js/answering.js gives it."""
    data = bytes.fromhex(vector["page_hex"]) if "page_hex" in vector else vector["page"].encode()
    text = decode_html(data, charset=vector.get("charset")).text
    root = LexborHTMLParser(text, options=LexborDocumentOptions.WO_EVENTS).root
    assert root is not None
    return ["", [], [_written(root)]]


def _written(node: LexborNode) -> list[Any]:
    children: list[Any] = []
    for child in node.iter(include_text=True) if node.tag != "template" else ():
        if child.tag == "-text":
            text = child.text_content or ""
            if children and isinstance(children[-1], str):
                text = children.pop() + text
            children.append(text)
        elif child.tag is not None and child.tag[0] != "-":
            children.append(_written(child))
    attributes = sorted([name, value or ""] for name, value in node.attributes.items())
    return [node.tag, attributes, children]


def by_parsers(found: list[dict[str, Any]], trees: Sequence[Any]) -> list[dict[str, Any]]:
    """Return those of the differences that come from other ``trees``: faults of parsers."""
    return [
        difference for difference, tree in zip(found, trees, strict=True) if lexbor_tree(difference["vector"]) != tree
    ]


def differences(vectors: Sequence[Vector], ours: Sequence[Vector], theirs: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the cases whose answers are not the same."""
    assert len(vectors) == len(ours) == len(theirs)
    return [
        {"vector": vector, "python": mine, "javascript": other}
        for vector, mine, other in zip(vectors, ours, theirs, strict=True)
        if mine != other
    ]


def histogram(counts: Counter[str], seed: int) -> str:
    """Return the outcomes as lines for people."""
    total = counts.total()
    lines = [f"{count:6} {count / total:6.1%}  {outcome}" for outcome, count in counts.most_common()]
    return "\n".join([f"{total} cases, seed {seed} (NOTARY_FUZZ_SEED={seed} repeats them)", *lines])
