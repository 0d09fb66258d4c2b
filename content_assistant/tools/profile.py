"""What the tools know of an expert: the same facts for the bio, a service and the search texts."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field

from accounts.models import User
from accounts.widgets import Select
from content_assistant.checks import Source
from content_assistant.models import Draft
from content_assistant.tools import material, rows
from content_assistant.tools.rows import Rows
from experts.models import Expert, Service
from llm import door
from markets.formats import language

# In which the checks know what to look for.
LANGUAGES = ("en", "de", "es", "fr", "ja")
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
    market, found = expert.market, rows.of(expert)
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
        specialties=_specialties(found),
        languages=[Spoken(code=code, level=level) for code, level in found.languages],
        services=[
            Offer(title=service.title, kind=service.kind, description=service.description)
            for service in found.services[:MOST_SERVICES]
        ],
        reviews=[door.without_orders(text).text for text in found.reviews],
    )


def sources(expert: Expert, own: Service | None = None) -> tuple[Source, ...]:
    """What a sentence about an expert may rest on. The service that a draft is about comes with all its terms."""
    page, known = expert.get_absolute_url(), rows.of(expert)
    found = [Source("profile", gettext("your profile"), text, page) for text in _profile_texts(expert, known)]
    for service in dict.fromkeys([*([own] if own else []), *known.services[:MOST_SERVICES]]):
        url = reverse("experts:service_edit", args=[service.pk])
        found.append(Source("service", service.title, service_text(service), url))
    found += [Source("review", gettext("a review of your guests"), text, page) for text in known.reviews]
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
    return list(User.objects.filter(pk__in=rows.of(draft.expert).reviewers))


def _profile_texts(expert: Expert, known: Rows) -> list[str]:
    specialties = [f"{item.name}: {item.trips} trips" for item in _specialties(known)]
    spoken = [language(code) for code, _level in known.languages]
    place = [material.basics_of(expert), *specialties, *spoken]
    texts = [expert.headline, expert.bio, expert.background, expert.unique_value, "; ".join(place)]
    return [text for text in texts if text]


def _specialties(known: Rows) -> list[Specialty]:
    return [Specialty(slug=slug, name=name, trips=depth) for slug, name, depth in known.specialties]
