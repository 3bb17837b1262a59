"""What a quorum of endpoints shows: which hash, which receipt, which height counts, and when nothing is final."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notary.ethereum.observing import First, View, heights, merge
from notary.model.anchors import Place
from notary.model.chain import Sighting

HASH, OTHER = b"h" * 32, b"o" * 32
PLACE = Place(tx_hash=b"t" * 32, block_number=10, block_hash=HASH)


def view(
    name: str = "a",
    *,
    final: int | None = 12,
    nonce: int | None = 3,
    block: bytes | None = HASH,
    receipt: Sighting | None = None,
    head: int = 20,
) -> View:
    """Return what one endpoint says of block 10."""
    receipts = () if receipt is None else (receipt,)
    return View(name, First(final, nonce, receipts), head, {} if block is None else {10: block})


def sighting(*, anchored: bool = True, block_hash: bytes = HASH) -> Sighting:
    return Sighting(Place(b"t" * 32, 10, block_hash), anchored, canonical=False, gas_used=5, gas_price=7)


def test_one_endpoint_is_believed_alone() -> None:
    seen = merge([view(receipt=sighting())], place=PLACE, quorum=1)
    assert (seen.final_height, seen.final_nonce, seen.hash_at_place, seen.head_height) == (12, 3, HASH, 20)
    assert seen.sightings == (Sighting(PLACE, anchored=True, canonical=True, gas_used=5, gas_price=7),)
    assert seen.doubts == ()


def test_a_height_is_final_when_a_quorum_calls_it_final() -> None:
    views = [view("a", final=12), view("b", final=9), view("c", final=11)]
    assert [merge(views, place=PLACE, quorum=q).final_height for q in (1, 2, 3)] == [12, 11, 9]
    assert merge(views[:1], place=PLACE, quorum=2).final_height is None


def test_an_endpoint_without_finality_does_not_count_towards_it() -> None:
    views = [view("a", final=12), view("b", final=None, nonce=None)]
    seen = merge(views, place=PLACE, quorum=2)
    assert (seen.final_height, seen.final_nonce, seen.hash_at_place) == (None, None, HASH)


def test_who_calls_a_height_final_without_showing_its_block_does_not_count() -> None:
    views = [view("a"), view("b", block=None)]
    assert merge(views, place=PLACE, quorum=2).final_height is None
    assert merge(views, place=PLACE, quorum=2).hash_at_place is None
    assert merge([*views, view("c", final=11)], place=PLACE, quorum=2).final_height == 11


def test_another_hash_at_a_final_height_leaves_nothing_final_however_many_agree() -> None:
    views = [view("a"), view("b"), view("c"), view("liar", block=OTHER)]
    seen = merge(views, place=PLACE, quorum=2)
    assert (seen.final_height, seen.final_nonce) == (None, None)
    assert seen.hash_at_place == HASH
    assert [doubt.code for doubt in seen.doubts] == ["endpoints-disagree"]
    assert "liar" in seen.doubts[0].message
    assert OTHER.hex() in seen.doubts[0].message


def test_two_that_disagree_on_a_final_hash_agree_on_nothing() -> None:
    seen = merge([view("a"), view("b", block=OTHER)], place=PLACE, quorum=2)
    assert (seen.final_height, seen.hash_at_place) == (None, None)
    assert [doubt.code for doubt in seen.doubts] == ["endpoints-disagree"]


def test_a_fork_that_nobody_calls_final_is_no_contradiction() -> None:
    views = [view("a", final=9), view("b", final=9), view("forked", final=9, block=OTHER)]
    seen = merge(views, place=PLACE, quorum=2)
    assert (seen.hash_at_place, seen.final_height, seen.doubts) == (HASH, 9, ())


def test_a_minority_does_not_take_a_place_back() -> None:
    views = [view("a", final=9), view("b", final=9, block=OTHER)]
    assert merge(views, place=PLACE, quorum=2).hash_at_place is None
    assert merge(views, place=PLACE, quorum=1).hash_at_place is None


def test_a_quorum_that_finally_has_another_block_is_told_as_that() -> None:
    views = [view("a", block=OTHER), view("b", block=OTHER)]
    seen = merge(views, place=PLACE, quorum=2)
    assert (seen.final_height, seen.hash_at_place, seen.doubts) == (12, OTHER, ())


def test_a_receipt_counts_when_a_quorum_shows_it() -> None:
    forged = [view("liar", receipt=sighting()), view("b"), view("c")]
    assert [one.canonical for one in merge(forged, place=None, quorum=2).sightings] == [False]
    shown = [view("a", receipt=sighting()), view("b", receipt=sighting()), view("c", block=None)]
    assert [one.canonical for one in merge(shown, place=None, quorum=2).sightings] == [True]


def test_a_receipt_in_a_block_that_is_not_the_agreed_one_does_not_count() -> None:
    views = [view(name, receipt=sighting(block_hash=OTHER)) for name in "ab"]
    assert [one.canonical for one in merge(views, place=None, quorum=2).sightings] == [False]


def test_endpoints_that_differ_on_the_outcome_of_a_transaction_do_not_add_up() -> None:
    views = [view("a", receipt=sighting()), view("b", receipt=sighting(anchored=False))]
    found = merge(views, place=None, quorum=2).sightings
    assert {(one.anchored, one.canonical) for one in found} == {(True, False), (False, False)}


def test_a_nonce_is_final_when_a_quorum_counts_it() -> None:
    views = [view("a", nonce=5), view("b", nonce=4), view("c", nonce=5)]
    assert [merge(views, place=None, quorum=q).final_nonce for q in (1, 2, 3)] == [5, 5, 4]


def test_the_heights_that_everybody_is_asked_about() -> None:
    firsts = [view(receipt=sighting()).first, view().first]
    assert heights(firsts, None) == [10]
    assert heights(firsts[1:], None) == []
    assert heights(firsts, Place(b"t" * 32, 8, HASH)) == [8, 10]


VIEWS = st.builds(
    view,
    name=st.text("abcdef", min_size=3, max_size=3),
    final=st.none() | st.integers(5, 15),
    nonce=st.none() | st.integers(0, 3),
    block=st.sampled_from([None, HASH, OTHER]),
    receipt=st.none() | st.builds(sighting, anchored=st.booleans(), block_hash=st.sampled_from([HASH, OTHER])),
)


@given(st.lists(VIEWS, max_size=5), st.integers(1, 3))
def test_what_is_called_final_has_a_quorum_and_no_contradiction(views: list[View], quorum: int) -> None:
    seen = merge(views, place=PLACE, quorum=quorum)
    if seen.final_height is not None and seen.final_height >= 10:
        supporters = [
            one
            for one in views
            if one.first.final is not None and one.first.final >= 10 and one.hashes.get(10) == seen.hash_at_place
        ]
        assert len(supporters) >= quorum
        assert seen.hash_at_place is not None
        settled = {one.hashes.get(10) for one in views if one.first.final is not None and one.first.final >= 10}
        assert settled - {None} == {seen.hash_at_place}
    for one in seen.sightings:
        assert not one.canonical or sum(one.place in {r.place for r in v.first.receipts} for v in views) >= quorum
