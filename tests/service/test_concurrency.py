"""Several threads and several processes on one database: one head a document, one entry a record, no gaps."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notary.compose import open_services, open_settings
from notary.core.record import Status
from notary.errors import Refused
from notary.service.integrate import Integrator
from tests.service.locallog import LocalLog

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def roomy(tmp_path: Path) -> LocalLog:
    return LocalLog(tmp_path / "log", flags={"storage.busy_timeout": 30})


def attempt(log: LocalLog, **fields: object) -> str:
    try:
        return log.submit(**fields).leaf_hash.hex()  # type: ignore[arg-type]
    except Refused as error:
        return error.code


def test_threads_that_start_one_document_make_one_head(roomy: LocalLog) -> None:
    start = Barrier(8)

    def one(number: int) -> str:
        start.wait()
        return attempt(roomy, number=number, document="d")

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(one, range(8)))
    assert results.count("document-exists") == 7
    [leaf] = [result for result in results if result != "document-exists"]
    assert [one.hex() for one in roomy.leaves()][1:] == [leaf]
    roomy.services.close()


def test_threads_with_one_record_and_different_keys_make_one_entry(roomy: LocalLog) -> None:
    start = Barrier(8)

    def one(key: int) -> str:
        start.wait()
        return attempt(roomy, number=1, key=f"k{key % 3}")

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(one, range(8)))
    assert len(results) == 1
    assert len(roomy.leaves()) == 2
    roomy.services.close()


def test_threads_that_revise_one_head_make_one_successor(roomy: LocalLog) -> None:
    head = roomy.submit(document="d").leaf_hash
    start = Barrier(6)

    def one(_: int) -> str:
        start.wait()
        try:
            return roomy.revise("d", head).leaf_hash.hex()
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        results = Counter(pool.map(one, range(6)))
    assert results["previous-not-head"] == 5
    assert len(roomy.leaves()) == 3
    roomy.services.close()


def race(log: LocalLog, plans: Sequence[Sequence[str]]) -> list[list[str]]:
    """Carry out plans in a process each, at the same time."""
    (log.root / "token").write_text(log.services.publishers.new_key(log.tenant.name))
    command = [sys.executable, "-m", "tests.service.racing", str(log.root)]
    racers = [
        subprocess.Popen(
            [*command, *plan], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, bufsize=1
        )
        for plan in plans
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    outputs = [racer.communicate(timeout=60)[0].splitlines() for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * len(racers)
    return outputs


@pytest.mark.slow
def test_processes_make_one_head_one_entry_and_no_gap_while_the_tree_grows(roomy: LocalLog) -> None:
    head = roomy.submit(document="shared").leaf_hash.hex()
    plans = [
        [f"{100 + racer}:new", "7", f"{200 + racer}:shared:{head}"] + [str(1000 * (racer + 1) + i) for i in range(20)]
        for racer in range(4)
    ]
    integrator = Integrator(roomy.services.store, roomy.services.signer, roomy.clock, batch=7)
    with ThreadPoolExecutor(1) as pool:
        racing = pool.submit(race, roomy, plans)
        while not racing.done():
            integrator.step()
        outputs = racing.result()
    firsts = [output[0].split()[0] for output in outputs]
    assert sorted(firsts) == ["leaf", "refused", "refused", "refused"]
    sevens = [output[1].split() for output in outputs]
    assert len({leaf for _, leaf, _ in sevens}) == 1
    assert [replayed for _, _, replayed in sevens].count("False") == 1
    assert sorted(output[2].split()[0] for output in outputs) == ["leaf", "refused", "refused", "refused"]
    acknowledged = {line.split()[1] for output in outputs for line in output if line.startswith("leaf")}
    while integrator.step():
        pass
    leaves = [leaf.hex() for leaf in roomy.leaves()]
    assert acknowledged <= set(leaves)
    assert len(leaves) == len(set(leaves)) == 2 + 1 + 1 + 1 + 4 * 20
    assert roomy.head().size == len(leaves)
    roomy.services.close()


STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_threads_submit_each_document_is_one_chain(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    """Each step submits text ``a`` to document ``b``, following whatever head it sees."""
    log = LocalLog(tmp_path_factory.mktemp("log") / "log", flags={"storage.busy_timeout": 30})

    def one(step: tuple[int, int]) -> None:
        number, document = step
        name = f"d{document}"
        with log.services.store.read() as view:
            head = view.heads(tenant_id=log.tenant.id, documents=[name]).get(name)
        if head is None:
            attempt(log, number=number, document=name)
        else:
            attempt(log, number=number, document=name, previous=head.leaf_hash, status=Status.CORRECTION)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, steps))
    with log.services.store.read() as view:
        for document in {f"d{step[1]}" for step in steps}:
            revisions = view.revisions(tenant_id=log.tenant.id, document=document)
            head = view.heads(tenant_id=log.tenant.id, documents=[document]).get(document)
            assert head == revisions[-1]
            assert [one.status for one in revisions].count("original") == 1
            links = [log.services.reader.details(one.leaf_hash).entry.record.previous for one in revisions]
            assert [None if link is None else link.leaf for link in links] == [
                None,
                *(one.leaf_hash for one in revisions[:-1]),
            ]
    log.services.close()


def test_two_openings_of_one_log_see_each_other(roomy: LocalLog) -> None:
    other = open_services(open_settings(roomy.root, environ={}))
    leaf = roomy.submit().leaf_hash
    assert other.reader.summary(leaf).index == 1
    other.close()
    roomy.services.close()
