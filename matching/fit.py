"""How an expert scores for the trips that come to their market, and what would move them up.

Worked out of their own last runs, and made to say nothing about any other expert. What is said of the others comes
from runs with at least `FEWEST_OTHERS` of them, so nobody makes up more than a fifth of it; it is rounded to whole
points; and neither their number nor a range is told. What a newcomer or a leaver changes in it from one report to the
next is less than the rounding hides once a few runs are in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from experts.models import Expert, Specialty
from matching import engine, improvements, replay
from matching.improvements import NOTHING, Improvement, Profile, Rescored
from matching.models import SHOWN, ExpertFit, Factor, MatchScore

Report = dict[str, Any]
Key = tuple[int, int, int, int]

RUNS, LISTED = 50, 10
FEWEST_OTHERS = 5
MOST_CHANGES = 4
# In tenths: what brings less is not worth a change of one's ways.
LEAST_GAIN = 3
Hidden = MatchScore.Hidden


def scores_of(user: Any) -> QuerySet[MatchScore]:
    """An expert's own scores, without those for trips of their own."""
    return MatchScore.objects.filter(expert__user=user).exclude(run__trip__traveler=user)


def report(expert: Expert) -> Report:
    """What ExpertFit keeps, in numbers and codes alone: the page has the words."""
    scores = _latest(expert)
    others = _others(scores, expert)
    return {
        "runs": len(scores),
        "score": _mean([score.score_tenths for score in scores]),
        "shown": sum(score.hidden == Hidden.NO for score in scores),
        "positions": _counts([score.position for score in scores if score.position]),
        "hidden": _counts([score.hidden for score in scores if score.hidden]),
        "factors": _factors(scores, others),
        "compared": len(others),
        "kinds": _kinds(scores),
        "changes": _changes(expert, scores, others),
        "latest": [score.pk for score in scores[:LISTED]],
    }


def store(expert: Expert, found: Report) -> None:
    now = timezone.now()
    ExpertFit.objects.update_or_create(expert=expert, defaults={"report": found, "computed_at": now})


def _latest(expert: Expert) -> list[MatchScore]:
    """The expert's score in the last run of each of the last trips, newest first."""
    later = MatchScore.objects.filter(
        expert=expert,
        run__trip=OuterRef("run__trip"),
        run__gt=OuterRef("run"),
        run__inputs__isnull=False,
    )
    scores = scores_of(expert.user_id).filter(~Exists(later), run__inputs__isnull=False)
    return list(scores.select_related("run__trip", "run__version").order_by("-run")[:RUNS])


def _mean(tenths: Sequence[int]) -> int | None:
    """Rounded half up; None of nothing."""
    return _round(sum(tenths), len(tenths)) if tenths else None


def _round(total: int, count: int) -> int:
    return (2 * total + count) // (2 * count)


def _counts(values: Sequence[int]) -> list[tuple[int, int]]:
    return sorted(Counter(values).items())


def _kinds(scores: Sequence[MatchScore]) -> list[tuple[str, int, int | None]]:
    """By kind of trip how many there were and the average score, the most frequent first."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for score in scores:
        kinds[score.run.trip.kind].append(score.score_tenths)
    by_count = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(kind, len(found), _mean(found)) for kind, found in by_count]


@dataclass(frozen=True)
class Others:
    """Of the other candidates in one run: how many, and per factor the sum of their values."""

    count: int
    sums: list[int]


def _others(scores: Sequence[MatchScore], expert: Expert) -> dict[int, Others]:
    """By run, of runs with enough of them."""
    beside = MatchScore.objects.filter(run__in=[score.run_id for score in scores]).exclude(expert=expert)
    counted = beside.values_list("run").annotate(others=Count("pk")).filter(others__gte=FEWEST_OTHERS)
    rows = counted.annotate(**{f"of_{name}": Sum(name) for name in MatchScore.VALUES})
    return {run: Others(count, sums) for run, count, *sums in rows}


def _factors(
    scores: Sequence[MatchScore], others: dict[int, Others]
) -> list[tuple[str, int | None, int | None]]:
    """Per factor the own average in tenths, and in whole points that of the others; None where it is withheld."""
    own = zip(*(score.tenths for score in scores), strict=True) if scores else [()] * len(Factor)
    count = sum(found.count for found in others.values())
    theirs = [
        _round(sum(found.sums[row] for found in others.values()), 10 * count) if count else None
        for row in range(len(Factor))
    ]
    means = [_mean(values) for values in own]
    return list(zip(Factor.values, means, theirs, strict=True))


@dataclass
class Tally:
    gain: int = 0  # tenths, over all runs
    lists: int = 0  # in which it would have brought the expert onto the page


Tallies = dict[Improvement, Tally]


def _add(tallies: Tallies, tried: Sequence[Improvement], rescored: Rescored, among: list[bool]) -> None:
    """The first one tried is no change at all."""
    for place, improvement in enumerate(tried[1:], start=1):
        tally = tallies[improvement]
        tally.gain += int(rescored.scores[place] - rescored.scores[0])
        tally.lists += among[place] and not among[0]


def _best(tallies: Tallies, runs: int) -> list[tuple[Improvement, int, int]]:
    """With the mean gain in tenths. Of two price cuts the smaller, unless the other brings more."""
    means = [(each, _round(tally.gain, runs), tally.lists) for each, tally in tallies.items()]
    ranked = sorted(means, key=lambda one: (-one[1], one[0].amount, one[0].kind, one[0].about))
    first: dict[tuple[str, str], tuple[Improvement, int, int]] = {}
    for one in ranked:
        first.setdefault((one[0].kind, one[0].about), one)
    return [one for one in first.values() if one[1] >= LEAST_GAIN][:MOST_CHANGES]


def _changes(expert: Expert, scores: Sequence[MatchScore], others: dict[int, Others]) -> list[dict[str, Any]]:
    profile, fifths = Profile.of(expert), _fifths(scores, expert)
    group = profile.larger_group([score.run.trip.people for score in scores])
    names = {slug: (name, of) for slug, name, of in Specialty.objects.values_list("slug", "name", "group")}
    groups = {slug: of for slug, (_, of) in names.items()}
    tallies: Tallies = defaultdict(Tally)
    for score in scores:
        inputs = replay.inputs_of(score.run)
        tried = [NOTHING, *group, *profile.improvements(inputs)]
        rescored = improvements.rescore(inputs, score, tried, groups)
        # Who stood fifth says something about others: where they are few, it is not looked at.
        looked_at = score.run_id in others
        among = list(_among(rescored, score.expert_id, fifths.get(score.run_id))) if looked_at else []
        _add(tallies, tried, rescored, among or [False] * len(tried))
    return [
        {
            "kind": each.kind,
            "about": names[each.about][0] if each.kind == "skill" else each.about,
            "amount": each.amount,
            "gain": gain,
            "lists": lists if others else None,
        }
        for each, gain, lists in _best(tallies, len(scores))
    ]


def _among(rescored: Rescored, expert_id: int, fifth: Key | None) -> Iterator[bool]:
    """Whether each improvement would have stood among the first five by score."""
    for able, score, points in zip(rescored.able, rescored.scores, rescored.points.T, strict=True):
        fits = bool(able) and score >= engine.FLOOR_TENTHS
        yield fits and (fifth is None or _key(int(score), points, expert_id) > fifth)


def _key(score: int, points: Sequence[int] | np.ndarray[Any, Any], expert_id: int) -> Key:
    """What ranks one expert before another, as `engine.score` has it."""
    return score, int(points[0]), int(points[-1]), -expert_id


def _fifths(scores: Sequence[MatchScore], expert: Expert) -> dict[int, Key]:
    """By run, the fifth of the other experts who fit; no entry where there are fewer."""
    first = MatchScore.objects.filter(
        run__in=[score.run_id for score in scores],
        rank__lte=SHOWN + 1,
        hidden__in=[Hidden.NO, Hidden.NOT_IN_TOP],
    )
    by_run: dict[int, list[MatchScore]] = defaultdict(list)
    for score in first.exclude(expert=expert).order_by("rank"):
        by_run[score.run_id].append(score)
    return {
        run: _key(found[SHOWN - 1].score_tenths, found[SHOWN - 1].point_tenths, found[SHOWN - 1].expert_id)
        for run, found in by_run.items()
        if len(found) >= SHOWN
    }
