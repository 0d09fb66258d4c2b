"""What travelers were shown and what they booked, read for learning and for analytics.

Only lists that were seen count: of several runs of one trip the latest whose list was seen, so that a booking counts
once; of a run whose reviewed list was seen, that one. Somebody is booked when the booking is of that trip and was not
cancelled.
"""

import numpy as np
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from bookings.models import Booking
from matching.learning.interleaving import Pick, Team, credited
from matching.learning.slates import NOTHING, Slates
from matching.models import Exposure, Factor, MatchRun

BOOKED = [Booking.State.CONFIRMED, Booking.State.COMPLETED]
SHIFTED = {Factor.EXPERTISE, Factor.COMMUNICATION}


def counted() -> QuerySet[Exposure]:
    """Whoever stands in a list that counts, with whether they were `booked`."""
    seen = Exposure.objects.filter(seen_at__isnull=False)
    reviewed = seen.filter(run=OuterRef("run"), reviewed=True)
    later = seen.filter(run__trip=OuterRef("run__trip"), run__gt=OuterRef("run"))
    booking = Booking.objects.filter(
        trip=OuterRef("run__trip"), expert=OuterRef("score__expert"), state__in=BOOKED
    )
    return seen.filter(Q(reviewed=True) | ~Exists(reviewed), ~Exists(later)).annotate(booked=Exists(booking))


def slates(runs: QuerySet[MatchRun] | None = None) -> Slates:
    """The lists that count, of these runs or of all, oldest first.

    Of several who were booked from one list, the one who stood first.
    """
    shown = counted() if runs is None else counted().filter(run__in=runs)
    rows = np.array(list(_columns(shown)), dtype=np.int64).reshape(-1, 5 + len(Factor))
    run, positions, experts, travelers, booked = rows[:, :5].T
    begins = np.flatnonzero(np.diff(run, prepend=-1))
    slate = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(run))))
    chosen = np.full(len(begins), NOTHING, dtype=np.int64)
    items = np.flatnonzero(booked)
    chosen[slate[items[::-1]]] = items[::-1]  # the last one written stays: the first of each list
    return Slates(
        values=rows[:, 5:] / 1000,
        positions=positions - 1,
        slate=slate,
        expert=experts,
        chosen=chosen,
        traveler=travelers[begins],
    )


def _columns(shown: QuerySet[Exposure]) -> QuerySet[Exposure, tuple[int, ...]]:
    """Run, position, expert, traveler (of a trip without one, a number of its own), booked, and the values."""
    traveler = Coalesce(F("run__trip__traveler"), F("run__trip") * Value(-1))
    values = {f"seen_{factor}": _as_seen(factor) for factor in Factor}
    return (
        shown.annotate(traveler=traveler, **values)
        .order_by("run__created_at", "run", "position")
        .values_list("run", "position", "score__expert", "traveler", "booked", *values)
    )


def _as_seen(factor: Factor) -> Case | F:
    """A list that was seen before its review was one of values without shifts."""
    value = F(f"score__{factor}_value")
    if factor not in SHIFTED:
        return value
    unshifted = value - F(f"score__{factor}_shift")
    return Case(When(reviewed=True, then=value), default=unshifted, output_field=IntegerField())


TEAMS = {Exposure.Team.ACTIVE: Team.A, Exposure.Team.CHALLENGER: Team.B}


def outcomes(challenger_id: int) -> list[Team | None]:
    """Who won each list that was mixed with this version's, oldest first; None where nobody did."""
    mixed = counted().filter(run__challenger=challenger_id).order_by("run__created_at", "run", "position")
    lists: dict[int, list[tuple[Pick[int], bool]]] = {}
    columns = F("run"), F("position"), F("team"), F("booked")  # as names, the last has no type that is known
    for run, place, team, booked in mixed.values_list(*columns):
        lists.setdefault(run, []).append((Pick(place, TEAMS[Exposure.Team(team)]), booked))
    return [
        credited([pick for pick, _ in picks], {pick.item for pick, booked in picks if booked})
        for picks in lists.values()
    ]
