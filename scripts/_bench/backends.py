"""Submissions on PostgreSQL beside SQLite, with one and with two web processes: all servers up, asked in turns."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from notary.config import SQLITE, storage_settings
from scripts._bench.harness import Row, Sample, Setting, interleave
from scripts._bench.serving import Loader, Server, new_log, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scripts._bench.serving import Load

PROCESSES = (1, 2)
FLOOR = "SQLite, one web process"


@dataclass(frozen=True, slots=True)
class Place:
    """One way to keep a log: what it is called, where it is served, and a publisher's key there."""

    name: str
    what: str
    server: Server
    token: str


@contextmanager
def places(setting: Setting) -> Iterator[list[Place]]:
    """Serve a new log for each backend and number of web processes until the block ends; the first is the floor."""
    # The server's programs come with the tests' packages.
    from tests import postgres

    with ExitStack() as stack:
        # All settings as they come: what it says is committed is on the disk.
        database = stack.enter_context(postgres.running(settings={}))
        found = []
        for backend in ("sqlite", "postgresql"):
            for processes in PROCESSES:
                root = setting.scratch / f"{backend}-{processes}"
                storage = SQLITE
                if backend == "postgresql":
                    storage = storage_settings(url=database.url(database.new_database()))
                token = new_log(root, storage=storage)
                server = stack.enter_context(serving(root, workers=processes))
                title = "SQLite" if backend == "sqlite" else "PostgreSQL"
                count = "one web process" if processes == 1 else f"{processes} web processes"
                found.append(Place(f"{backend}.{processes}", f"{title}, {count}", server, token))
        yield found


def rows(
    setting: Setting,
    found: Sequence[Place],
    *,
    measure: Callable[[Loader, Place], Load],
    figures: Sequence[tuple[str, str, str, Callable[[Load], float]]],
) -> list[Row]:
    """Measure every place in turns; ``figures`` are name, what, unit and how it is read from a load."""
    loader = Loader(setting)
    taken = interleave([partial(measure, loader, place) for place in found], runs=setting.runs)
    result = []
    for name, what, unit, figure in figures:
        samples = [Sample(tuple(map(figure, loads))) for loads in taken]
        for place, sample in zip(found, samples, strict=True):
            floor = None if place is found[0] else samples[0]
            result.append(
                Row(
                    f"{name}.{place.name}",
                    f"{what}: {place.what}",
                    unit,
                    sample,
                    floor=floor,
                    floor_what="" if floor is None else FLOOR,
                )
            )
    return result
