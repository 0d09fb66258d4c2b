"""The bio: 150 to 200 words in the first person, from the profile and what the expert tells for it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from content_assistant.checks import Finding, Source, Text, offers, words
from content_assistant.models import Draft, Version
from content_assistant.offline import bio, patterns
from content_assistant.tools import profile
from content_assistant.tools.base import Tool, Written, register
from content_assistant.tools.profile import DraftForm, Profile
from experts import editing
from llm import door

WORDS = (150, 200)
MOST_SERVICES_NAMED = 2
ANSWERS = ("tie", "moment", "special")


class BioForm(DraftForm):
    tie = forms.CharField(
        label=gettext_lazy("What ties you to the place?"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("A sentence or two: a street, a person, why you stayed."),
    )
    moment = forms.CharField(
        label=gettext_lazy("A moment with guests you like to tell"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    special = forms.CharField(
        label=gettext_lazy("What do guests find with you and nowhere else?"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class BioFacts(Profile):
    language: str
    low: int = WORDS[0]
    high: int = WORDS[1]
    answers: dict[str, str] = {}
    wish: str = ""
    previous: str = Field(default="", description="the text to change")


def facts(draft: Draft, wish: str, previous: str) -> BioFacts:
    known = profile.profile(draft.expert)
    return BioFacts(
        **dict(known),
        language=draft.language,
        answers=answers(draft.params),
        wish=wish,
        previous=previous,
    )


def answers(params: Mapping[str, Any]) -> dict[str, str]:
    return {name: text for name in ANSWERS if (text := str(params.get(name) or "").strip())}


def offline(facts: BioFacts) -> str:
    language = patterns.language_for(facts.language)
    variant = f"{facts.wish}/{facts.previous}"
    goal = patterns.wished((facts.low, facts.high), facts.wish)
    return bio.bio(facts, language, words=goal, told=facts.answers, variant=variant)


def sources(draft: Draft) -> tuple[Source, ...]:
    told = [Source("profile", _("your answers"), text) for text in answers(draft.params).values()]
    return (*told, *profile.sources(draft.expert))


def no_catalogue(text: Text) -> Iterator[Finding]:
    """One service shows how somebody works; more of them are a price list."""
    titles = [offer.title for offer in getattr(text.facts, "services", ())]
    named = [title for title in titles if title.lower() in text.text.lower()]
    if len(named) > MOST_SERVICES_NAMED:
        yield Finding(
            "catalogue",
            _("It lists %(count)s of your services. They stand beside it anyway.") % {"count": len(named)},
            repair="Name one service at most.",
        )


def apply(draft: Draft, version: Version) -> dict[str, Any]:
    expert = draft.expert
    before = {"bio": expert.bio}
    editing.change(expert=expert, by=expert.user, bio=version.text)
    return before


BIO = door.Prompt(
    name="content_assistant.bio",
    version=2,
    purpose="drafting",
    template=(Path(__file__).parent.parent / "prompts" / "bio.md").read_text(encoding="utf-8"),
    facts=BioFacts,
    output=str,
    optional_tools=(door.WebSearch(),),
    max_tool_calls=2,
    parameters=frozenset({"language", "low", "high", "style"}),
    offline=offline,
    max_output_tokens=1_500,
    audience=door.Audience.PUBLIC,
    restores=frozenset({"person"}),
    sources=frozenset(
        "name city country headline bio background unique_value years group specialties languages services reviews "
        "answers wish".split()
    ),
)

TOOL = register(
    Tool(
        name=Draft.Tool.BIO,
        label=gettext_lazy("Bio"),
        line=gettext_lazy("Who you are, in 150 to 200 words that sound like you."),
        seconds=15,
        words=WORDS,
        form=BioForm,
        prompt=BIO,
        facts=facts,
        sources=sources,
        checks=(
            words.length(*WORDS),
            words.language,
            words.banned,
            words.opening,
            words.first_person,
            words.paragraphs(2),
            words.repetition,
            words.gaps,
            offers.published,
            no_catalogue,
        ),
        written=Written,
        apply=apply,
        minutes=45,
        about=profile.reviewers,
    )
)
