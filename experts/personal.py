"""What the marketplace holds about an expert: accounts/personal.py.

The expert's row stays, closed and without words, because bookings are of it.
"""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts import personal
from accounts.own_data import edits_of
from accounts.personal import Held
from experts import photos, search, services
from experts.calendar.models import (
    CalendarException,
    CalendarFeed,
    CalendarSource,
    ImportedEvent,
    WeeklyHours,
)
from experts.models import (
    Application,
    Evidence,
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    ExpertTerm,
    Favourite,
    Listing,
    ListingText,
    Photo,
    Service,
    UnavailablePeriod,
    Verification,
)


def _anonymise(experts: Any) -> None:
    for expert in experts:
        Expert.objects.filter(pk=expert.pk).update(
            slug=f"closed-{expert.pk}",
            status_reason="",
            headline="",
            bio="",
            background="",
            unique_value="",
            search_description="",
            search_words="",
            photo="",
            years_experience=0,
            verified=False,
            accepting_clients=False,
        )
        photos.forget([expert.photo])
        services.close(expert=expert)
        search.reindex([expert.pk])


def _pictures(photo: Photo) -> list[personal.File]:
    return _files(photo.token)


def _portrait(expert: Expert) -> list[personal.File]:
    return _files(expert.photo)


def _files(token: str) -> list[personal.File]:
    return [(f"{size}.webp", data) for size, data in photos.pieces(token)]


def _goes(name: str, model: type[Model], by: str = "expert__user", **more: Any) -> Held:
    """Rows that go with the account; `by` leads from them to the user."""
    return Held(name, lambda user: model._default_manager.filter(**{by: user}), personal.delete, **more)


def declare() -> None:
    offers = _("The prices of services, without your words, and the closed row they belong to.")
    personal.hold(
        "experts",
        _goes("specialties", ExpertSpecialty),
        _goes("application", Application, by="user"),
        _goes("favourites", Favourite, by="user"),
        _goes("gallery", Photo, files=_pictures),
        _goes("weekly_hours", WeeklyHours),
        _goes("calendar_exceptions", CalendarException),
        _goes("calendar_feed", CalendarFeed, without=frozenset({"address"})),
        _goes("imported_events", ImportedEvent, by="source__expert__user"),
        _goes("imported_calendars", CalendarSource, without=frozenset({"content"})),
        _goes("verifications", Verification, without=frozenset({"note"})),
        _goes("languages", ExpertLanguage),
        _goes("unavailable", UnavailablePeriod),
        Held(
            "services",
            lambda user: Service.objects.filter(expert__user=user),
            personal.blank(
                is_active=False, title="–", description="", includes=[], unique_aspects="", audience=""
            ),
            stays=offers,
        ),
        Held(
            "staff_edits",
            lambda user: edits_of(Expert.objects.filter(user=user)),
            personal.blank(object_repr=""),
        ),
        Held(
            "expert",
            lambda user: Expert.objects.filter(user=user),
            _anonymise,
            stays=offers,
            files=_portrait,
        ),
    )
    personal.say(Service, "title")
    personal.exempt(Evidence, "Copies of the profile, the services and the reviews, rebuilt without them.")
    personal.exempt(ExpertTerm, "The words of those copies.")
    personal.exempt(
        Listing, "What browsing reads of a profile, rebuilt by the database with each change of it."
    )
    personal.exempt(ListingText, "The words of that row, for searching.")
