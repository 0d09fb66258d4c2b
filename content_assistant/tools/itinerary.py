"""An itinerary that an expert finishes and uses for many clients."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content_assistant import itineraries
from content_assistant.checks import Source, plans, words
from content_assistant.itineraries import MOST_DAYS
from content_assistant.models import Draft
from content_assistant.prompts.itinerary import (
    ITINERARY,
    MOST_OPTIONS,
    WORDS,
    Facts,
    Offer,
    Plan,
    itinerary_of,
    upto,
)
from content_assistant.tools import languages, material, rows
from content_assistant.tools.base import Tool, Written, register
from content_assistant.tools.reading import shown
from content_assistant.tools.rows import Rows
from experts.models import Expert


class ItineraryForm(forms.Form):
    """`specialties` are slugs."""

    destination = forms.CharField(label=_("Destination"), max_length=120)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=MOST_DAYS, initial=3)
    theme = forms.CharField(
        label=_("Theme"), max_length=120, required=False, help_text=_("What the days are about.")
    )
    specialties = forms.MultipleChoiceField(
        label=_("Specialties"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of yours."),
    )

    def __init__(self, *args: Any, expert: Expert, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["destination"].initial = expert.market.name
        found = expert.specialties.select_related("specialty").order_by("-depth", "specialty__position")
        field = self.fields["specialties"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one.specialty.slug, gettext(one.specialty.name)) for one in found]


def facts(draft: Draft, wish: str, text_before: str) -> Facts:
    expert, params, known = draft.expert, draft.params, rows.of(draft.expert)
    days = int(params["days"])
    with languages.worded(draft.language):
        return Facts(
            language=draft.language,
            days=days,
            most=upto(MOST_OPTIONS, days),
            words=upto(WORDS, days),
            destination=params["destination"],
            theme=params.get("theme", ""),
            specialties=_specialties(known, params.get("specialties", [])),
            services=[
                Offer(
                    title=shown(one.title, 140).replace("|", "/"),
                    about=shown(one.description, material.LONGEST_DESCRIPTION),
                    length=one.length,
                )
                for one in known.services
            ],
            profile=material.profile_of(expert),
            wish=wish,
            text_before=text_before,
        )


def _specialties(known: Rows, chosen: list[str]) -> list[str]:
    return [gettext(name) for slug, name, _depth in known.specialties if not chosen or slug in chosen]


def sources(draft: Draft) -> tuple[Source, ...]:
    params, known = draft.params, rows.of(draft.expert)
    told = (params["destination"], f"{params['days']} days", params.get("theme", ""))
    answers = Source("profile", gettext("your answers"), "\n".join(filter(None, told)))
    with languages.worded(draft.language):
        specialties = "\n".join(_specialties(known, []))
    named = Source("profile", gettext("your specialties"), specialties, draft.expert.get_absolute_url())
    return (answers, named, *material.sources_of(draft.expert, known.services))


def written(output: Plan) -> Written:
    found = itinerary_of(output)
    return Written(text=itineraries.markdown(found), data=found.model_dump(mode="json"))


def reread(text: str, data: Mapping[str, Any], language: str) -> dict[str, Any]:
    """An edited plan: what is exported, and read by programs, is what the text says."""
    return itineraries.of(text, data, language).model_dump(mode="json")


TOOL = register(
    Tool(
        name=Draft.Tool.ITINERARY,
        label=_("Itinerary"),
        line=_("A plan day by day that you finish, and use for many clients."),
        seconds=90,
        words=None,
        form=ItineraryForm,
        prompt=ITINERARY,
        facts=facts,
        sources=sources,
        checks=(
            words.language,
            plans.days,
            plans.options,
            plans.readable,
            plans.supported,
            plans.contacts,
        ),
        written=written,
        minutes=180,
        reread=reread,
    )
)
