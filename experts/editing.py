"""What experts write about themselves. Each change keeps the index over it true, and leaves a trail."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from experts import search
from experts.models import Application, Expert, ExpertLanguage, ExpertSpecialty, Service, Specialty
from markets.folding import fold
from markets.models import Market

ABOUT = ["headline", "bio", "background", "unique_value", "years_experience", "communication_style"]
SEARCH = ["search_description", "search_words"]
SEPARATOR = ", "  # of search words
PRICES = ["price_min", "price_max", "currency", "group_size_max"]
Answers = Mapping[str, Any]


def begin(*, by: User, about: Answers) -> Application:
    """Keep the first answers of somebody who has named no city yet."""
    application, _is_new = Application.objects.update_or_create(user=by, defaults={"answers": dict(about)})
    return application


@transaction.atomic
def become_expert(*, by: User, market: Market, languages: Mapping[str, int]) -> Expert:
    """A draft in this city, with what was answered before. A second click finds the first."""
    User.objects.select_for_update().get(pk=by.pk)
    if expert := Expert.objects.filter(user=by).first():
        return expert
    answers: dict[str, Any] = Application.objects.get(user=by).answers
    name = answers.pop("name")
    expert = Expert.objects.create(
        user=by,
        slug=free_slug(name, market),
        market=market,
        currency=market.currency,
        price_min=0,
        price_max=0,
        **answers,
    )
    _rename(by, name)
    set_languages(expert, languages)
    Application.objects.filter(user=by).delete()
    audit.record(action="expert.begin", target=expert, by=by, market=market.name)
    search.reindex([expert.pk])
    return expert


@transaction.atomic
def change(*, expert: Expert, by: User, market: Market | None = None, **answers: Any) -> None:
    """Write those of the answers that are given: fields of ABOUT, SEARCH and PRICES, `name`, `languages`,
    `specialties`, `accepting_clients`. The city of anybody but a draft stays: reviews and bookings belong to it.
    """
    locked = lock(expert)
    fields = {
        name: answers[name] for name in [*ABOUT, *SEARCH, *PRICES, "accepting_clients"] if name in answers
    }
    if market and market.pk != locked.market_id:
        fields |= _moved(locked, market)
    if fields:
        Expert.objects.filter(pk=expert.pk).update(**fields)
    if "name" in answers:
        _rename(expert.user, answers["name"])
    if "languages" in answers:
        set_languages(expert, answers["languages"])
    if "specialties" in answers:
        set_specialties(expert, answers["specialties"])
    audit.record(action="expert.edit", target=expert, by=by, fields=sorted({*fields, *answers}))
    search.reindex([expert.pk])


@transaction.atomic
def create_service(*, expert: Expert, by: User, service: Service) -> Service:
    """Store a new one. Of two with the same form key the first is the answer."""
    lock(expert)
    if service.form_key and (known := expert.services.filter(form_key=service.form_key).first()):
        return known
    if expert.services.count() >= MOST_SERVICES:
        raise DomainError(_("You have %(count)s services. Change one instead.") % {"count": MOST_SERVICES})
    service.expert = expert
    service.save()
    audit.record(action="service.create", target=service, by=by, title=service.title)
    search.reindex([expert.pk])
    return service


MOST_SERVICES = 60


@transaction.atomic
def change_service(*, service: Service, by: User, action: str = "service.edit") -> None:
    """Store an edited one; `action` says in the trail what was done."""
    lock(service.expert)
    service.save()
    audit.record(action=action, target=service, by=by, title=service.title)
    search.reindex([service.expert_id])


def offer(*, service: Service, by: User, offered: bool) -> None:
    """Show it to travelers, or pause it. Saying it twice changes nothing more."""
    if service.is_active != offered:
        service.is_active = offered
        change_service(service=service, by=by, action="service.resume" if offered else "service.pause")


def lock(expert: Expert) -> Expert:
    """The row as it is now; DomainError as `check_open`."""
    locked = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    check_open(locked)
    return locked


def check_open(expert: Expert) -> None:
    """DomainError: reviewers are reading, and decide about what they have read."""
    if expert.status == Expert.Status.SUBMITTED:
        raise DomainError(_("Our reviewers are reading your application. Change it once they have answered."))


def free_slug(name: str, market: Market) -> str:
    """An address nobody has. It has two words at least, so that it is none of our own pages."""
    return free_slugs([(name, market)])[0]


def free_slugs(people: Sequence[tuple[str, Market]]) -> list[str]:
    """One for each of them, in their order, and none twice."""
    words = [slugify(fold(name))[:90].strip("-") or "expert" for name, _market in people]
    slugs = [
        one if "-" in one else f"{one}-{slugify(fold(market.name))[:40] or 'local'}"
        for one, (_name, market) in zip(words, people, strict=True)
    ]
    while taken := _taken(slugs):
        for place in taken:
            slugs[place] = f"{words[place]}-{secrets.token_hex(3)}"
    return slugs


def _taken(slugs: Sequence[str]) -> list[int]:
    """The places of those that somebody has, or another of these."""
    known = set(Expert.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    places = []
    for place, slug in enumerate(slugs):
        if slug in known:
            places.append(place)
        known.add(slug)
    return places


def _moved(expert: Expert, market: Market) -> dict[str, Any]:
    if expert.status != Expert.Status.DRAFT:
        raise DomainError(_("The city can’t be changed any more. Write to us if you have moved."))
    # Prices that were never named are in the money of the city.
    return {"market": market} | ({} if expert.price_min else {"currency": market.currency})


def _rename(user: User, name: str) -> None:
    user.name = name
    User.objects.filter(pk=user.pk).update(name=name)


def set_languages(expert: Expert, languages: Mapping[str, int]) -> None:
    expert.languages.exclude(language__in=languages).delete()
    rows = [ExpertLanguage(expert=expert, language=code, level=level) for code, level in languages.items()]
    ExpertLanguage.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["expert", "language"], update_fields=["level"]
    )


def set_specialties(expert: Expert, depths: Mapping[str, int]) -> None:
    expert.specialties.exclude(specialty__slug__in=depths).delete()
    known = Specialty.objects.in_bulk(list(depths), field_name="slug")
    rows = [
        ExpertSpecialty(expert=expert, specialty=known[slug], depth=depth) for slug, depth in depths.items()
    ]
    ExpertSpecialty.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["specialty", "expert"], update_fields=["depth"]
    )
