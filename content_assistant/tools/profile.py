"""What the tools know of an expert: the same facts for the bio, a service and the search texts."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field

from accounts.models import User
from accounts.widgets import Select
from bookings.models import Review
from content_assistant.checks import Source
from content_assistant.models import Draft
from content_assistant.tools import material
from experts.models import Expert, Service
from llm import door
from markets.formats import language

# In which the checks know what to look for.
LANGUAGES = ("en", "de", "es", "fr", "ja")
MOST_REVIEWS = 4
MOST_SERVICES = 8


class Specialty(BaseModel):
    slug: str
    name: str
    trips: int  # of this kind so far


class Spoken(BaseModel):
    code: str
    level: int  # 1 to 7, as experts.models.Level


class Offer(BaseModel):
    title: str
    kind: str
    description: str


class Profile(BaseModel):
    """An expert's own words, and what others found worth writing down."""

    seed: int = Field(exclude=True)  # the expert's number: offline writers vary by it, models never see it
    name: str
    city: str
    country: str
    headline: str = ""
    bio: str = ""
    background: str = ""
    unique_value: str = ""
    years: int = 0
    style: str = "friendly"
    group: int = 0
    specialties: list[Specialty] = []
    languages: list[Spoken] = []
    services: list[Offer] = []
    reviews: list[str] = []


class DraftForm(forms.Form):
    """What all tools of this kind ask. `expert` is who asks."""

    language = forms.ChoiceField(
        label=_("Language of the text"),
        widget=Select,
        help_text=_("Without a language model we write English and German."),
    )

    def __init__(self, *args: Any, expert: Expert | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expert = expert
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, language(code)) for code in LANGUAGES]


def profile(expert: Expert) -> Profile:
    """In four queries. Of the reviews the first of the best: a new one does not make a draft stale."""
    market = expert.market
    return Profile(
        seed=expert.pk,
        name=expert.user.name,
        city=market.name,
        country=market.country_code,
        headline=expert.headline,
        bio=expert.bio,
        background=expert.background,
        unique_value=expert.unique_value,
        years=expert.years_experience,
        style=expert.communication_style,
        group=expert.group_size_max,
        specialties=_specialties(expert),
        languages=_languages(expert),
        services=[
            Offer(title=service.title, kind=service.kind, description=service.description)
            for service in _services(expert)
        ],
        reviews=[door.without_orders(review.text).text for review in _reviews(expert)],
    )


def sources(expert: Expert, own: Service | None = None) -> tuple[Source, ...]:
    """What a sentence about an expert may rest on. The service that a draft is about comes with all its terms."""
    page = expert.get_absolute_url()
    found = [Source("profile", gettext("your profile"), text, page) for text in _profile_texts(expert)]
    for service in dict.fromkeys([*([own] if own else []), *_services(expert)]):
        url = reverse("experts:service_edit", args=[service.pk])
        found.append(Source("service", service.title, service_text(service), url))
    found += [
        Source("review", gettext("a review of your guests"), review.text, page) for review in _reviews(expert)
    ]
    return tuple(found)


def service_text(service: Service) -> str:
    parts = [service.title, service.description, *service.includes, service.unique_aspects, service.audience]
    terms = [
        service.length,
        f"{service.duration_hours or service.duration_days}",
        f"{service.price} {service.currency}",
        f"{service.group_size_max}",
        f"{service.notice_hours} h",
    ]
    return "\n".join(filter(None, [*parts, *terms]))


def reviewers(draft: Draft) -> list[User]:
    """Whose words the facts hold."""
    return [review.author for review in _reviews(draft.expert)]


def _profile_texts(expert: Expert) -> list[str]:
    specialties = [f"{item.name}: {item.trips} trips" for item in _specialties(expert)]
    spoken = [language(item.code) for item in _languages(expert)]
    place = [material.basics_of(expert), *specialties, *spoken]
    texts = [expert.headline, expert.bio, expert.background, expert.unique_value, "; ".join(place)]
    return [text for text in texts if text]


def _specialties(expert: Expert) -> list[Specialty]:
    rows = expert.specialties.select_related("specialty").order_by("-depth", "specialty__position")
    return [Specialty(slug=r.specialty.slug, name=r.specialty.name, trips=r.depth) for r in rows]


def _languages(expert: Expert) -> list[Spoken]:
    rows = expert.languages.order_by("-level", "language")
    return [Spoken(code=row.language, level=row.level) for row in rows]


def _services(expert: Expert) -> list[Service]:
    return list(expert.services.filter(is_active=True).order_by("pk")[:MOST_SERVICES])


def _reviews(expert: Expert) -> list[Review]:
    written = Review.objects.filter(expert=expert).published().exclude(text="")
    return list(written.select_related("booking__traveler").order_by("-rating", "pk")[:MOST_REVIEWS])
