"""What would move an expert up: changes of their own profile, each scored exactly on lists they have stood in.

Of a run's stored inputs only the expert's own column is changed, and the formulas of the ranking score it again. So a
profile that is really changed like that scores so on the same trip.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experts.models import Expert, Level
from matching import engine, expertise
from matching.engine import Tenths
from matching.inputs import Inputs, Pool
from matching.models import Factor, MatchScore

ANSWER_HOURS = 4
PRICE_CUTS = (10, 20)
MORE_TRIPS = 5
# Nobody learns to guide forty because one group of forty came by.
MOST_GROWTH = 2


@dataclass(frozen=True)
class Improvement:
    kind: str  # a key of _CHANGED, skill, or nothing
    about: str = ""  # the language or the specialty
    amount: int = 0


NOTHING = Improvement("nothing")


@dataclass(frozen=True)
class Profile:
    """What the expert has by now: nobody is told to do what is done."""

    verified: bool
    response_hours: float
    group_size_max: int
    languages: Mapping[str, int]
    skills: frozenset[str]

    @classmethod
    def of(cls, expert: Expert) -> "Profile":
        return cls(
            verified=expert.verified,
            response_hours=float(expert.response_hours),
            group_size_max=expert.group_size_max,
            languages=dict(expert.languages.values_list("language", "level")),
            skills=frozenset(expert.specialties.values_list("specialty__slug", flat=True)),
        )

    def larger_group(self, asked: Sequence[int]) -> list[Improvement]:
        """The largest group asked for that is not out of reach."""
        reach = [
            people for people in asked if self.group_size_max < people <= MOST_GROWTH * self.group_size_max
        ]
        return [Improvement("group", amount=max(reach))] if reach else []

    def improvements(self, inputs: Inputs) -> Iterator[Improvement]:
        """What could have changed the score in this run, but for the group, which is the same for all runs."""
        if not self.verified:
            yield Improvement("verified")
        if self.response_hours > ANSWER_HOURS:
            yield Improvement("answers", amount=ANSWER_HOURS)
        for percent in PRICE_CUTS:
            yield Improvement("price", amount=percent)
        yield Improvement("calendar")
        for language in inputs.brief.languages:
            if self.languages.get(language, 0) < Level.C1:
                yield Improvement("language", language, Level.C1)
        for slug in inputs.pool.skills.keys:
            if slug not in self.skills:
                yield Improvement("skill", slug, MORE_TRIPS)


@dataclass(frozen=True, eq=False)
class Rescored:
    """What each improvement scores, in the order in which they were given."""

    points: Tenths  # factors × improvements
    able: NDArray[np.bool_]  # to do the trip at all

    @property
    def scores(self) -> Tenths:
        return self.points.sum(axis=0)


def rescore(
    inputs: Inputs, score: MatchScore, improvements: Sequence[Improvement], groups: Mapping[str, str]
) -> Rescored:
    """`score`: the expert's own of this run, with its run and version. `groups`: of specialties, by slug."""
    column = int(np.searchsorted(inputs.pool.ids, score.expert_id))
    changed = _changed(inputs.pool, column, improvements)
    parts = engine.parts_of(changed, inputs.brief)
    values = parts.values()
    # Expertise depends on the others' columns too, which the changed pool does not have.
    values[0] = engine.tenths(_expertise(inputs.pool, column, improvements, groups))
    shifts = {Factor.EXPERTISE: score.expertise_shift, Factor.COMMUNICATION: score.communication_shift}
    moved = np.array([[shifts.get(factor, 0)] for factor in Factor])
    points = engine.weighted(np.clip(values + moved, 0, 1000), score.run.version.weights)
    return Rescored(points, engine.cannot_of(changed, parts, inputs.brief) == MatchScore.Hidden.NO)


def _changed(pool: Pool, column: int, improvements: Sequence[Improvement]) -> Pool:
    """The expert's column, once for each improvement."""
    copies = np.full(len(improvements), column)
    changed = Pool(
        ids=pool.ids[copies],
        numbers={name: numbers[copies] for name, numbers in pool.numbers.items()},
        styles=[pool.styles[column]] * len(copies),
        years_active=pool.years_active[copies],
        skills=_columns(pool.skills, copies),
        skill_names=pool.skill_names,
        words=_columns(pool.words, copies),
        level=None if pool.level is None else pool.level[copies],
        language=[pool.language[column]] * len(copies),
        blocked=pool.blocked[copies],
    )
    for place, improvement in enumerate(improvements):
        if change := _CHANGED.get(improvement.kind):
            change(changed, place, improvement.amount)
    return changed


def _columns(asked: expertise.Asked, columns: Any) -> expertise.Asked:
    related = None if asked.related is None else asked.related[:, columns]
    return replace(asked, counts=asked.counts[:, columns], related=related)


def _verify(pool: Pool, place: int, amount: int) -> None:
    pool.numbers["verified"][place] = 1


def _answer_within(pool: Pool, place: int, hours: int) -> None:
    pool.numbers["response_hours"][place] = min(pool.numbers["response_hours"][place], hours)


def _cut_price(pool: Pool, place: int, percent: int) -> None:
    pool.numbers["price_min"][place] *= (100 - percent) / 100


def _take_groups(pool: Pool, place: int, people: int) -> None:
    pool.numbers["group_size_max"][place] = max(pool.numbers["group_size_max"][place], people)


def _open_days(pool: Pool, place: int, amount: int) -> None:
    pool.blocked[place] = False


def _speak(pool: Pool, place: int, level: int) -> None:
    """A language of the brief: what counts is the best of those."""
    if pool.level is not None:
        pool.level[place] = max(pool.level[place], level)


_CHANGED: dict[str, Callable[[Pool, int, int], None]] = {
    "verified": _verify,
    "answers": _answer_within,
    "price": _cut_price,
    "group": _take_groups,
    "calendar": _open_days,
    "language": _speak,
}


def _expertise(
    pool: Pool, column: int, improvements: Sequence[Improvement], groups: Mapping[str, str]
) -> NDArray[np.float64]:
    present = _value(pool, column)
    return np.array(
        [
            _value(_practised(pool, column, each, groups), column) if each.kind == "skill" else present
            for each in improvements
        ]
    )


def _value(pool: Pool, column: int) -> float:
    """Of the whole pool: how rare a skill is among the others counts."""
    return float(engine.alignment(pool).values[column])


def _practised(pool: Pool, column: int, improvement: Improvement, groups: Mapping[str, str]) -> Pool:
    """With more trips in a skill, which also count half in the other skills of its group."""
    keys, group = pool.skills.keys, groups.get(improvement.about)
    counts, works = pool.skills.counts.copy(), pool.numbers["works"].copy()
    counts[keys.index(improvement.about), column] += improvement.amount
    works[column] += improvement.amount
    related = None if pool.skills.related is None else pool.skills.related.copy()
    if related is not None:
        beside = [
            row for row, key in enumerate(keys) if key != improvement.about and groups.get(key) == group
        ]
        related[beside, column] += improvement.amount
    return replace(
        pool,
        skills=replace(pool.skills, counts=counts, related=related),
        numbers=pool.numbers | {"works": works},
    )
