"""What trips and profiles hold about a person: accounts/personal.py."""

from accounts import personal
from accounts.personal import Held
from travelers.models import TravelerProfile, Trip, TripInterest


def declare() -> None:
    personal.hold(
        "travelers",
        Held("profile", lambda user: TravelerProfile.objects.filter(user=user), personal.delete),
        Held(
            "trip_interests", lambda user: TripInterest.objects.filter(trip__traveler=user), personal.delete
        ),
        Held("trips", lambda user: Trip.objects.filter(traveler=user), personal.delete),
    )
