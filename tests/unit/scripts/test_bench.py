"""scripts/bench: what it makes of its runs, and what it prints and writes; no test looks at how long anything took."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts._bench import __main__ as bench
from scripts._bench import harness, report
from scripts._bench.harness import Aim, Row, Sample
from scripts._bench.programs import load
from scripts._bench.sides import Absent, Side
from scripts._dev.paths import ROOT

ROW = Row(
    "merkle.build",
    "a tree",
    "s",
    Sample((3.0, 1.0, 2.0)),
    floor=Sample((1.0,)),
    peer=Sample((8.0,)),
    floor_what="hashlib",
    peer_what="pymerkle",
    aim=Aim("≤", 1.5),
)
BARE = Row("log.memory", "memory | of all", "MB", None, note="not on this system")


def test_a_figure_is_the_median_and_its_spread_a_share_of_it() -> None:
    sample = Sample((5.0, 1.0, 2.0, 40.0, 3.0))
    assert sample.median == 3.0
    assert sample.spread == 13.0
    assert Sample((2.0, 4.0)).median == 3.0
    assert Sample((0.0,)).spread == 0.0


def test_sides_take_turns_and_the_warm_up_does_not_count() -> None:
    seen: list[str] = []
    counts = {"a": 0, "b": 0}

    def side(name: str) -> float:
        seen.append(name)
        counts[name] += 1
        return counts[name]

    taken = harness.interleave([lambda: side("a"), lambda: side("b")], runs=3, warmup=1)
    assert seen == ["a", "b"] * 4
    assert taken == [[2, 3, 4], [2, 3, 4]]


def test_a_comparison_has_figure_floor_peer_and_ratios() -> None:
    row = harness.compare(
        "x.y",
        "something",
        "ms",
        lambda: 6.0,
        floor=Side("floor", lambda: 2.0),
        peer=Side("peer", lambda: 12.0),
        runs=3,
    )
    assert (row.value, row.ratios) == (6.0, {"to_floor": 3.0, "to_peer": 0.5})
    assert (row.ours, row.floor) == (Sample((6.0,) * 3), Sample((2.0,) * 3))


def test_what_is_not_there_is_said_and_not_made_up() -> None:
    row = harness.compare("x.y", "something", "ms", lambda: 6.0, peer=Absent("it is not on PyPI"), runs=2)
    assert row.to_json() == {
        "name": "x.y",
        "value": 6.0,
        "unit": "ms",
        "floor": None,
        "peer": None,
        "ratios": {"to_floor": None, "to_peer": None},
    }
    assert row.note == "it is not on PyPI"
    assert "it is not on PyPI" in report.to_text([row], "here")


def test_the_json_is_a_list_of_exactly_these_members() -> None:
    value = json.loads(report.to_json([ROW, BARE]))
    assert value == [
        {
            "name": "merkle.build",
            "value": 2.0,
            "unit": "s",
            "floor": 1.0,
            "peer": 8.0,
            "ratios": {"to_floor": 2.0, "to_peer": 0.25},
        },
        {
            "name": "log.memory",
            "value": None,
            "unit": "MB",
            "floor": None,
            "peer": None,
            "ratios": {"to_floor": None, "to_peer": None},
        },
    ]


@pytest.mark.parametrize(
    ("aim", "met"),
    [
        (Aim("≤", 1.5), False),
        (Aim("≤", 2), True),
        (Aim("≥", 2), True),
        (Aim("≥", 2.1), False),
        (Aim("≤", 2, of="floor"), True),
        (Aim("≤", 1.9, of="floor"), False),
    ],
)
def test_aims(aim: Aim, met: bool) -> None:
    assert aim.is_met(ROW) is met
    assert aim.is_met(BARE) is None


def test_the_table_says_figure_runs_spread_floor_peer_and_whether_the_aim_is_met() -> None:
    text = report.to_text([ROW, BARE], "2026-01-02, a machine")
    assert text.startswith("2026-01-02, a machine\n")
    assert re.search(r"merkle\.build +2\.00 s \(n=3 ±50%\) +aim ≤ 1\.50: MISSED\n", text)
    assert "floor 2.00 × 1.00 s (n=1 ±0%): hashlib\n" in text
    assert "peer  0.25 × 8.00 s (n=1 ±0%): pymerkle\n" in text
    assert re.search(r"log\.memory +not measured\n", text)


def test_the_table_of_the_readme_is_put_between_its_markers(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    table = report.to_readme([ROW, BARE], "2026-01-02, a machine")
    report.write_readme(file, table)
    text = file.read_text(encoding="utf-8")
    assert text == f"before\n{table}\nafter\n"
    lines = [line for line in table.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(report.COLUMNS) + 1}
    report.write_readme(file, table)
    assert file.read_text(encoding="utf-8") == text


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(ValueError, match="markers"):
        report.write_readme(file, report.to_readme([ROW], "x"))
    assert file.read_text(encoding="utf-8") == "nothing\n"


def test_the_readme_has_a_table_with_these_columns_date_and_machine() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [table] = re.findall(f"{re.escape(report.BEGIN)}\n(.*?){re.escape(report.END)}", text, re.DOTALL)
    assert "| " + " | ".join(report.COLUMNS) + " |" in table
    assert re.match(r"\d{4}-\d\d-\d\d, .* cores, .* memory, .*Python \d", table)


def test_unknown_benchmarks_and_sizes_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--only", "merkle", "nosuch"], ["--entries", "12"], ["--readme", "--quick"], ["more"]):
        with pytest.raises(SystemExit) as caught:
            bench.main(arguments)
        assert caught.value.code == 2
    assert "nosuch" in capsys.readouterr().err


def test_list_names_every_benchmark_and_each_has_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(bench.BENCHMARKS)
    for name in bench.BENCHMARKS:
        assert (ROOT / "scripts" / "_bench" / f"{name}.py").is_file()


def test_requests_come_back_from_their_file(tmp_path: Path) -> None:
    requests = [b"GET / HTTP/1.1\r\n\r\n", b"", bytes(70_000)]
    file = tmp_path / "requests"
    file.write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in requests))
    assert load.requests_of(file) == requests
