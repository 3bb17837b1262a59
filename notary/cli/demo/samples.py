"""The sample announcements of the demonstration, and one alteration of each that a reader must be able to detect.

All people, places and figures in them are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Sample:
    """A plain-text announcement, and how its altered copy differs: ``old`` becomes ``new``, once."""

    name: str
    language: str
    alteration: str
    old: str
    new: str

    def text(self) -> str:
        """Return the announcement, its title on the first line."""
        return (resources.files(__package__) / "samples" / f"{self.name}.txt").read_text("utf-8")

    def altered(self) -> str:
        """Return the altered copy."""
        return self.text().replace(self.old, self.new, 1)


SAMPLES = (
    Sample("01-water-tariff", "en", "a decimal point moved", "1.84", "18.4"),
    Sample("02-bridge-closure", "en", "“not” removed", "may not cross", "may cross"),
    Sample("03-school-places", "en", "a date changed", "15 December", "5 December"),
    Sample("04-election-result", "en", "two digits swapped", "2,911", "2,191"),
    Sample("05-recall-notice", "en", "an instruction dropped", "Do not use the device any more. ", ""),
    Sample("06-grant-programme", "en", "a percentage changed", "30%", "80%"),
    Sample("07-press-correction", "en", "a word added", "have not failed", "have not yet failed"),
    Sample("11-medical-insurance", "zh-CN", "the amount changed", "400元", "40元"),
    Sample("12-road-works", "zh-CN", "“不” removed", "不受上述限制", "受上述限制"),
    Sample("13-exam-schedule", "zh-CN", "morning became evening", "上午9:00", "下午9:00"),
    Sample("14-food-safety", "zh-CN", "a figure changed", "不合格7批次", "不合格1批次"),
    Sample("15-river-level", "zh-CN", "a sentence dropped", "，未经批准不得擅自拆除防汛物资", ""),
    Sample("16-library-hours", "zh-CN", "a line dropped", "周一\t闭馆\n", ""),
)


@dataclass(frozen=True, slots=True)
class Revised:
    """An announcement that is revised in the demonstration: how, why, and the text of the revision."""

    original: Sample
    status: str
    note: str
    revision: str


REVISED = (
    Revised(
        Sample("21-tram-timetable", "en", "a time changed", "0:20", "1:20"),
        "correction",
        "The last tram leaves at 0:40, not at 0:20.",
        Sample("21-tram-timetable", "en", "", "0:20", "0:40").altered(),
    ),
    Revised(
        Sample("22-harbour-statement", "en", "a price changed", "3.2", "2.3"),
        "retraction",
        "Published before the contract was signed.",
        "Statement on the old harbour warehouse withdrawn\n\nThe statement on the sale of the old harbour warehouse is "
        "withdrawn. It was published before the contract was signed.\n",
    ),
)
