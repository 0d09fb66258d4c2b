"""All that a ranking is computed from, and how it is kept: whoever has it computes the same scores again.

`candidates` reads it from the database, `MatchInputs` keeps it packed beside the run.
"""

import json
import math
import zlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from matching import expertise
from travelers.models import Trip

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]

FORMAT = 1
# Receipts say what earlier or later dates would bring, at most so many days away.
SPAN_DAYS = 14


@dataclass(frozen=True)
class Brief:
    """What the factors read of a trip, as it stood when it was ranked."""

    first: date  # of the window in which the trip can take place
    end: date  # the day after its last
    fixed: bool  # on these very days; otherwise any days in a row of the window will do
    today: date
    days: int
    people: int
    amount: float | None  # per person and day, in `currency`
    currency: str
    languages: list[str]
    style: str
    zones: tuple[str, str]  # the traveler's, "" where unknown, and the destination's
    hours_apart: float

    @classmethod
    def of(cls, trip: Trip, *, today: date) -> "Brief":
        first, end = trip.window()
        amount = trip.budget_per_person_day
        zones = (trip.time_zone, trip.destination.time_zone)
        return cls(
            first=first,
            end=end,
            fixed=trip.start is not None,
            today=today,
            days=trip.days,
            people=trip.people,
            amount=None if amount is None else float(amount),
            currency=trip.currency,
            languages=list(trip.languages),
            style=trip.communication_style,
            zones=zones,
            hours_apart=hours_apart(zones, first),
        )


@dataclass(frozen=True, eq=False)
class Pool:
    """The candidates of one trip. Every column has one entry per candidate, in ascending order of `ids`."""

    ids: Ids
    numbers: dict[str, NDArray[np.float64]]
    styles: list[str]
    years_active: NDArray[np.float64]
    skills: expertise.Asked
    skill_names: dict[str, str]
    words: expertise.Asked
    level: Ids | None  # best shared language, 0 to 7; None when none was asked for
    language: list[str]  # the language of that level, "" for none
    blocked: Bools  # candidates × days of the trip's window

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Outlook:
    """Of the candidates nearest the top, what other dates or languages would meet: a row of `blocked` each, over
    the window and SPAN_DAYS before and after it, and all their languages with the levels.
    """

    ids: list[int] = field(default_factory=list)
    blocked: Bools = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    languages: list[dict[str, int]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Inputs:
    brief: Brief
    pool: Pool
    outlook: Outlook = field(default_factory=Outlook)

    def pack(self) -> bytes:
        pool = self.pool
        arrays: dict[str, NDArray[Any]] = {
            "ids": pool.ids,
            "years_active": pool.years_active,
            "blocked": pool.blocked,
            "outlook": self.outlook.blocked,
            **{f"number.{name}": column for name, column in pool.numbers.items()},
            **_arrays("skills", pool.skills),
            **_arrays("words", pool.words),
        }
        if pool.level is not None:
            arrays["level"] = pool.level
        texts = {
            "format": FORMAT,
            "brief": asdict(self.brief),
            "styles": pool.styles,
            "skill_names": pool.skill_names,
            "language": pool.language,
            "keys": {"skills": list(pool.skills.keys), "words": list(pool.words.keys)},
            "outlook": {"ids": self.outlook.ids, "languages": self.outlook.languages},
        }
        return zlib.compress(_join(texts, arrays), 1)

    @classmethod
    def unpack(cls, data: bytes) -> "Inputs":
        texts, arrays = _split(zlib.decompress(data))
        pool = Pool(
            ids=arrays["ids"],
            numbers={
                name.removeprefix("number."): column
                for name, column in arrays.items()
                if name.startswith("number.")
            },
            styles=texts["styles"],
            years_active=arrays["years_active"],
            skills=_asked("skills", texts["keys"]["skills"], arrays),
            skill_names=texts["skill_names"],
            words=_asked("words", texts["keys"]["words"], arrays),
            level=arrays.get("level"),
            language=texts["language"],
            blocked=arrays["blocked"],
        )
        return cls(
            brief=_brief(texts["brief"]),
            pool=pool,
            outlook=Outlook(blocked=arrays["outlook"], **texts["outlook"]),
        )


def _join(texts: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """The length of a JSON object in eight bytes, the object, and the arrays one after the other as it lists them."""
    listed = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    said = json.dumps(texts | {"arrays": listed}, default=date.isoformat, sort_keys=True).encode()
    return b"".join([len(said).to_bytes(8), said, *(array.tobytes() for array in arrays.values())])


def _split(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    place = 8 + int.from_bytes(data[:8])
    texts = json.loads(data[8:place])
    arrays = {}
    for name, dtype, shape in texts.pop("arrays"):
        arrays[name] = np.frombuffer(data, dtype, math.prod(shape), place).reshape(shape)
        place += arrays[name].nbytes
    return texts, arrays


@lru_cache(maxsize=1024)
def hours_apart(zones: tuple[str, str], day: date) -> float:
    """Between the clocks of traveler and destination on this day; 0 when the traveler's is unknown."""
    if not zones[0]:
        return 0.0
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    home, there = (noon.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in zones)
    hours = abs((there - home) / timedelta(hours=1))
    return min(hours, 24 - hours)


def _brief(said: dict[str, Any]) -> Brief:
    days = {name: date.fromisoformat(said[name]) for name in ("first", "end", "today")}
    return Brief(**said | days | {"zones": tuple(said["zones"])})


def _arrays(name: str, asked: expertise.Asked) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        f"{name}.weights": np.array(asked.weights, dtype=np.float64),
        f"{name}.counts": asked.counts,
    }
    return arrays if asked.related is None else arrays | {f"{name}.related": asked.related}


def _asked(name: str, keys: list[str], arrays: dict[str, NDArray[Any]]) -> expertise.Asked:
    return expertise.Asked(
        keys=keys,
        weights=arrays[f"{name}.weights"].tolist(),
        counts=arrays[f"{name}.counts"],
        related=arrays.get(f"{name}.related"),
    )
