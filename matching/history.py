"""What travelers were shown and what they booked, read for learning.

Only lists that were seen count; of a run whose reviewed list was seen, that one. Somebody is booked when the booking
is of that trip and was not cancelled.
"""

from typing import Any

import numpy as np
from django.db import connection

from matching.learning.interleaving import Pick, Team, credited
from matching.learning.slates import NOTHING, Slates
from matching.models import Exposure, Factor, MatchScore

_VALUES = ", ".join(f"s.{name}" for name in MatchScore.VALUES)
# A list that was seen before its review was one of values without shifts.
_UNSHIFTED = ", ".join(
    f"s.{factor}_value - CASE WHEN e.reviewed THEN 0 ELSE s.{factor}_shift END"
    if factor in {Factor.EXPERTISE, Factor.COMMUNICATION}
    else f"s.{factor}_value"
    for factor in Factor.values
)
_BOOKED = """
    EXISTS (SELECT FROM bookings_booking b
            WHERE b.trip_id = r.trip_id AND b.expert_id = s.expert_id AND b.state IN ('confirmed', 'completed'))
"""
_COUNTS = """
    e.seen_at IS NOT NULL
    AND (e.reviewed OR NOT EXISTS (
        SELECT FROM matching_exposure x WHERE x.run_id = e.run_id AND x.reviewed AND x.seen_at IS NOT NULL))
"""
_SHOWN = f"""
    SELECT e.run_id, e.position - 1, s.expert_id, coalesce(t.traveler_id, -t.id), {_BOOKED}, {_UNSHIFTED}
    FROM matching_exposure e
    JOIN matching_matchscore s ON s.id = e.score_id
    JOIN matching_matchrun r ON r.id = e.run_id
    JOIN travelers_trip t ON t.id = r.trip_id
    WHERE {_COUNTS}
    ORDER BY r.created_at, r.id, e.position
"""  # noqa: S608  # the parts put in are constants


def slates() -> Slates:
    """All lists that count, oldest first. Of several who were booked from one list, the one who stood first."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN)
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 5 + len(Factor))
    runs, positions, experts, travelers, booked = rows[:, :5].T
    begins = np.flatnonzero(np.diff(runs, prepend=-1))
    slate = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(runs))))
    chosen = np.full(len(begins), NOTHING, dtype=np.int64)
    items = np.flatnonzero(booked)
    chosen[slate[items[::-1]]] = items[::-1]  # the last one written stays: the first of each list
    return Slates(
        values=rows[:, 5:] / 1000,
        positions=positions,
        slate=slate,
        expert=experts,
        chosen=chosen,
        traveler=travelers[begins],
    )


_MIXED = f"""
    SELECT e.run_id, e.team, {_BOOKED}
    FROM matching_exposure e
    JOIN matching_matchscore s ON s.id = e.score_id
    JOIN matching_matchrun r ON r.id = e.run_id
    WHERE r.challenger_id = %s AND {_COUNTS}
    ORDER BY r.created_at, r.id, e.position
"""  # noqa: S608  # the parts put in are constants
TEAMS = {Exposure.Team.ACTIVE: Team.A, Exposure.Team.CHALLENGER: Team.B}


def outcomes(challenger_id: int) -> list[Team | None]:
    """Who won each list that was mixed with this version's, oldest first; None where nobody did."""
    with connection.cursor() as cursor:
        cursor.execute(_MIXED, [challenger_id])
        rows: list[tuple[int, Any, bool]] = cursor.fetchall()
    lists: dict[int, list[tuple[Pick[int], bool]]] = {}
    for place, (run, team, booked) in enumerate(rows):
        lists.setdefault(run, []).append((Pick(place, TEAMS[team]), booked))
    return [
        credited([pick for pick, _ in picks], {pick.item for pick, booked in picks if booked})
        for picks in lists.values()
    ]
