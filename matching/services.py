from django.db import transaction

from matching.engine import ALGORITHM
from matching.models import MatchRun
from matching.tasks import match_trip
from travelers.models import Trip


@transaction.atomic
def request_match(trip: Trip) -> MatchRun:
    """Start a fresh run for a trip that is new or changed. An earlier run becomes stale, also while it works."""
    Trip.objects.select_for_update().get(pk=trip.pk)
    for earlier in trip.runs.current():
        earlier.move(MatchRun.State.STALE)
    run = MatchRun.objects.create(trip=trip, algorithm=ALGORITHM)
    match_trip.enqueue(run_id=run.pk, unique_key=str(run.pk))
    return run
