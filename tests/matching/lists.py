"""Finished lists, and what a review leaves behind: its figures are seeded here, as the second stage stores them."""

from django.urls import reverse

from matching import runs, services
from matching.models import Exposure, MatchReceipt, MatchScore


def matched(trip):
    run = services.request_match(trip)
    run.trip = trip
    runs.store(run, runs.compute(run))
    run.refresh_from_db()
    return run


def review(run, to="done", note="", **by_name):
    """Close the run's review; the receipt of each expert named holds what is given, beside place and score before."""
    for receipt in MatchReceipt.objects.filter(score__run=run).select_related("score__expert__user"):
        score = receipt.score
        first = {"first": {"rank": score.rank, "score": score.score_tenths}}
        name = score.expert.name.split()[0].lower()
        MatchReceipt.objects.filter(pk=receipt.pk).update(review=first | by_name.get(name, {}))
    run.close_review(to, review_note=note)


def swap(run, first, second):
    """Let two shown experts change places, as a review does."""
    scores = {score.position: score for score in MatchScore.objects.filter(run=run, position__gt=0)}
    for score, position in ((scores[first], second), (scores[second], first)):
        MatchScore.objects.filter(pk=score.pk).update(position=position, rank=1000 + position)
        Exposure.objects.create(
            run=run, score=score, reviewed=True, position=position, base_position=position, propensity=1
        )


def address(name, trip, *args):
    return reverse(f"matching:{name}", args=[trip.pk, *args])
