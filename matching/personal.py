"""What rankings hold about a person: accounts/personal.py."""

from typing import Any

from django.db import connection

from accounts import personal
from accounts.personal import Held
from matching.models import (
    AlgorithmVersion,
    ExpertFit,
    Exposure,
    Feedback,
    MatchInputs,
    MatchReceipt,
    MatchRun,
    MatchScore,
)
from matching.withdrawing import forget_expert

# A run has a score for every candidate: Django would load each of them to see what hangs on it.
_LEAVES = ("feedback", "exposure", "matchreceipt")
_DELETE_LEAVES = [
    f"DELETE FROM matching_{leaf} WHERE score_id IN (SELECT id FROM matching_matchscore WHERE run_id = ANY(%s))"  # noqa: S608
    for leaf in _LEAVES
]
_DELETE_RUNS = [
    "DELETE FROM matching_matchscore WHERE run_id = ANY(%s)",
    "DELETE FROM matching_matchinputs WHERE run_id = ANY(%s)",
    "DELETE FROM matching_matchrun WHERE id = ANY(%s)",
]


def _delete_runs(runs: Any) -> None:
    keys = list(runs.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for statement in (*_DELETE_LEAVES, *_DELETE_RUNS):
            cursor.execute(statement, [keys])


def _forget_receipts(receipts: Any) -> None:
    for expert in set(receipts.values_list("score__expert", flat=True)):
        forget_expert(expert)


def declare() -> None:
    personal.hold(
        "matching",
        Held("feedback", lambda user: Feedback.objects.filter(author=user), personal.delete),
        Held(
            "lists",
            lambda user: MatchReceipt.objects.filter(score__run__trip__traveler=user, score__hidden=0),
            personal.nothing,
        ),
        Held("runs", lambda user: MatchRun.objects.filter(trip__traveler=user), _delete_runs),
        Held(
            "receipts_of_me",
            lambda user: MatchReceipt.objects.filter(score__expert__user=user),
            _forget_receipts,
            # What was compared there is in part the traveler's: their budget, their dates, their words.
            without=frozenset({"evidence", "strengths", "considerations", "changes"}),
        ),
        Held("fit", lambda user: ExpertFit.objects.filter(expert__user=user), personal.delete),
    )
    personal.exempt(MatchScore, "Numbers of a run, which goes with its trip; the archive has their receipts.")
    personal.exempt(MatchInputs, "The numbers a run was computed from, packed; they go with the run.")
    personal.exempt(Exposure, "Where on a list a score stood; it goes with the run.")
    personal.exempt(AlgorithmVersion, "Who of the staff made a version; the row is the marketplace's own.")
