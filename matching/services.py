from django.db import transaction
from django.utils.translation import get_language

from experts.models import Expert
from matching import versions
from matching.engine import ALGORITHM
from matching.models import AlgorithmVersion, MatchRun
from matching.tasks import fit_expert, match_trip
from travelers.models import Trip


@transaction.atomic
def request_match(trip: Trip) -> MatchRun:
    """Start a fresh run for a trip that is new or changed. An earlier run becomes stale, also while it works."""
    Trip.objects.select_for_update().values_list("pk").get(pk=trip.pk)
    for earlier in trip.runs.current():
        earlier.move(MatchRun.State.STALE)
    run = new_run(trip)
    match_trip.enqueue_new([(str(run.pk), 0, {"run_id": run.pk})])
    return run


def new_run(trip: Trip) -> MatchRun:
    """A run of the version that is active now, mixed with the one that shares its traffic if the trip takes part."""
    active, challenger = AlgorithmVersion.objects.in_use()
    return MatchRun.objects.create(
        trip=trip,
        algorithm=ALGORITHM,
        version=active,
        challenger=challenger if challenger and versions.takes_part(trip.pk, challenger) else None,
        **({"language": language} if (language := get_language()) else {}),
    )


def request_fit(expert: Expert) -> None:
    """Have an expert's report worked out anew; asking twice while it is under way costs nothing."""
    fit_expert.enqueue(expert_id=expert.pk, unique_key=str(expert.pk))
