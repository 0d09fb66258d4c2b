"""What the marketplace holds about an expert: accounts/personal.py.

The expert's row stays, closed and without words, because bookings are of it.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import personal
from accounts.own_data import edits_of
from accounts.personal import Held
from experts import search, services
from experts.models import (
    Evidence,
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    ExpertTerm,
    Service,
    UnavailablePeriod,
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
            years_experience=0,
            verified=False,
            accepting_clients=False,
        )
        services.close(expert=expert)
        search.reindex([expert.pk])


def declare() -> None:
    offers = _("The titles and prices of services that were booked, and the closed row they belong to.")
    personal.hold(
        "experts",
        Held("specialties", lambda user: ExpertSpecialty.objects.filter(expert__user=user), personal.delete),
        Held("languages", lambda user: ExpertLanguage.objects.filter(expert__user=user), personal.delete),
        Held(
            "unavailable", lambda user: UnavailablePeriod.objects.filter(expert__user=user), personal.delete
        ),
        Held(
            "services",
            lambda user: Service.objects.filter(expert__user=user),
            personal.blank(is_active=False, description="", includes=[], unique_aspects="", audience=""),
            stays=offers,
        ),
        Held(
            "staff_edits",
            lambda user: edits_of(Expert.objects.filter(user=user)),
            personal.blank(object_repr=""),
        ),
        Held("expert", lambda user: Expert.objects.filter(user=user), _anonymise, stays=offers),
    )
    personal.exempt(Evidence, "Copies of the profile, the services and the reviews, rebuilt without them.")
    personal.exempt(ExpertTerm, "The words of those copies.")
