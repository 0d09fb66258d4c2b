"""A service's description: 200 to 300 words, from the service's own terms and the profile."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, Field

from accounts.widgets import Select
from content_assistant.checks import Finding, Source, Text, offers, words
from content_assistant.models import Draft, Version
from content_assistant.offline import patterns
from content_assistant.offline import service as writer
from content_assistant.tools import profile
from content_assistant.tools.base import Tool, Written, register
from content_assistant.tools.profile import DraftForm, Profile
from experts import editing
from experts.models import Service as Offered
from llm import door

WORDS = (200, 300)
FEWEST_INCLUDED, MOST_INCLUDED = 3, 5
_LINE = re.compile(r"^\s*[–—•*·・-]\s*\S", re.MULTILINE)


class ServiceForm(DraftForm):
    """`service` is a row: it belongs into Draft.service."""

    service = forms.ModelChoiceField(
        Offered.objects.none(), label=gettext_lazy("Service"), empty_label=None, widget=Select
    )
    moment = forms.CharField(
        label=gettext_lazy("What do guests see, hear or taste first?"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        assert isinstance(field, forms.ModelChoiceField)
        if self.expert:
            field.queryset = self.expert.services.order_by("title", "pk")
        topic = str(self.initial.get("moment") or "")
        if topic and not self.initial.get("service"):
            _mean_a_new_one(field, topic)


def _mean_a_new_one(field: forms.ModelChoiceField[Offered], topic: str) -> None:
    """A link that brings a topic means a service that is not there yet: none that is there is chosen for it."""
    field.empty_label = _("Choose a service")
    field.widget.choices = field.choices
    url = f"{reverse('experts:service_create')}?{urlencode({'title': topic})}"
    field.help_text = format_html(
        '{} <a href="{}">{}</a>',
        _("The text is written for a service that you offer."),
        url,
        _("Add a new service first"),
    )


class Service(BaseModel):
    title: str
    kind: str
    description: str = ""
    includes: list[str] = []
    unique_aspects: str = ""
    audience: str = ""
    length: str = ""  # in English, as numbers need their units to bear a claim out
    hours: str = Field(default="", exclude=True)  # "3" or "2.5"; or days
    days: int = Field(default=0, exclude=True)
    price: str = ""
    price_unit: str = "group"
    group: int = 1
    shared: bool = False
    instant: bool = False
    notice: str = ""
    notice_hours: int = Field(default=0, exclude=True)
    cancellation: str = "moderate"


class ServiceFacts(BaseModel):
    language: str
    low: int = WORDS[0]
    high: int = WORDS[1]
    service: Service
    expert: Profile
    moment: str = ""
    wish: str = ""
    previous: str = ""


def facts(draft: Draft, wish: str, previous: str) -> ServiceFacts:
    offered = draft.service
    assert offered, "a service draft is about a service"
    return ServiceFacts(
        language=draft.language,
        service=terms(offered),
        expert=profile.profile(draft.expert),
        moment=str(draft.params.get("moment") or "").strip(),
        wish=wish,
        previous=previous,
    )


def terms(offered: Offered) -> Service:
    hours = f"{offered.duration_hours.normalize():f}" if offered.duration_hours else ""
    return Service(
        title=offered.title,
        kind=offered.kind,
        description=offered.description,
        includes=offered.includes,
        unique_aspects=offered.unique_aspects,
        audience=offered.audience,
        length=f"{hours} hours" if hours else f"{offered.duration_days} days",
        hours=hours,
        days=offered.duration_days or 0,
        price=f"{offered.price.normalize():f} {offered.currency}",
        price_unit=offered.price_unit,
        group=offered.group_size_max,
        shared=offered.shared,
        instant=offered.instant,
        notice=f"{offered.notice_hours} hours",
        notice_hours=offered.notice_hours,
        cancellation=offered.cancellation_policy,
    )


def offline(facts: ServiceFacts) -> str:
    language = patterns.language_for(facts.language)
    variant = f"{facts.wish}/{facts.previous}"
    goal = patterns.wished((facts.low, facts.high), facts.wish)
    return writer.description(facts, language, words=goal, variant=variant)


def sources(draft: Draft) -> tuple[Source, ...]:
    told = str(draft.params.get("moment") or "").strip()
    mine = [Source("service", _("your answers"), told)] if told else []
    return (*mine, *profile.sources(draft.expert, draft.service))


def included(text: Text) -> Iterator[Finding]:
    """Three to five lines of what is included."""
    count = len(_LINE.findall(text.text))
    if not FEWEST_INCLUDED <= count <= MOST_INCLUDED:
        yield Finding(
            "included",
            _("It lists %(count)s things that are included; three to five are wanted.") % {"count": count},
            repair="List 3 to 5 things that are included, each on a line of its own that begins with “– ”.",
        )


def apply(draft: Draft, version: Version) -> dict[str, Any]:
    """As the row is now: an edit of another field meanwhile stays."""
    assert draft.service_id, "a service draft is about a service"
    offered = Offered.objects.select_related("expert").get(pk=draft.service_id)
    before = {"description": offered.description}
    offered.description = version.text
    editing.change_service(service=offered, by=draft.expert.user)
    return before


SERVICE = door.Prompt(
    name="content_assistant.service",
    version=1,
    purpose="drafting",
    template=(Path(__file__).parent.parent / "prompts" / "service.md").read_text(encoding="utf-8"),
    facts=ServiceFacts,
    output=str,
    parameters=frozenset({"language", "low", "high"}),
    offline=offline,
    max_output_tokens=2_000,
    audience=door.Audience.PUBLIC,
    restores=frozenset({"person"}),
    sources=frozenset({"service", "expert", "moment", "wish"}),
)

TOOL = register(
    Tool(
        name=Draft.Tool.SERVICE,
        label=gettext_lazy("Service description"),
        line=gettext_lazy("What guests live through, get and need to know, in 200 to 300 words."),
        seconds=15,
        words=WORDS,
        form=ServiceForm,
        prompt=SERVICE,
        facts=facts,
        sources=sources,
        checks=(
            words.length(*WORDS),
            words.language,
            words.banned,
            words.paragraphs(4),
            included,
            words.repetition,
            words.gaps,
            offers.published,
        ),
        written=Written,
        apply=apply,
        minutes=40,
        about=profile.reviewers,
    )
)
