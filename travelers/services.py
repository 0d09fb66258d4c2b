from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from accounts.models import User
from experts.models import Specialty
from travelers.models import SESSION_TRIPS, Trip, TripInterest
from travelers.signals import trip_described

# A visitor's session holds this many trips; older ones are no longer theirs.
SESSION_TRIPS_MAX = 20


@transaction.atomic
def describe_trip(
    *, trip: Trip, wanted: dict[Specialty, bool], by: User | None, session: SessionBase
) -> Trip:
    """Store a new or changed brief and have it matched. `wanted` says of each specialty whether it is a must."""
    is_new = trip.pk is None
    if is_new:
        trip.traveler = by
    else:  # whoever signed in since the form was opened has claimed it
        trip.traveler_id = (
            Trip.objects.select_for_update().values_list("traveler_id", flat=True).get(pk=trip.pk)
        )
    trip.save()
    if not is_new:
        trip.wanted.all().delete()
    TripInterest.objects.bulk_create(
        TripInterest(trip=trip, specialty=specialty, must=must) for specialty, must in wanted.items()
    )
    if is_new and by is None:
        session[SESSION_TRIPS] = [*session.get(SESSION_TRIPS, []), trip.pk][-SESSION_TRIPS_MAX:]
    trip_described.send(sender=Trip, trip=trip)
    return trip


def claim_trips(*, user: User, session: SessionBase) -> int:
    """Give the trips described in this browser to the account that now signs in; returns how many.

    A trip that somebody already owns stays theirs, whatever the session says.
    """
    described = session.pop(SESSION_TRIPS, [])
    return Trip.objects.filter(pk__in=described, traveler__isnull=True).update(traveler=user)
