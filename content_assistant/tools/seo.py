"""Search texts: keywords that travelers type, the bio with them in it, a description for the page of results."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, Field, StringConstraints

from content_assistant.checks import Finding, Source, Text, offers, words
from content_assistant.models import Draft, Version
from content_assistant.offline import patterns
from content_assistant.offline import seo as writer
from content_assistant.offline.seo import FEWEST_KEYWORDS, LONGEST_DESCRIPTION, MOST_KEYWORDS
from content_assistant.tools import profile
from content_assistant.tools.base import Tool, Written, register
from content_assistant.tools.profile import DraftForm, Profile
from experts import editing
from llm import door

WORDS = (150, 250)
FEWEST_USED = 2

Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=80)]


class SeoForm(DraftForm):
    pass


class SeoFacts(Profile):
    language: str
    low: int = WORDS[0]
    high: int = WORDS[1]
    fewest: int = FEWEST_KEYWORDS
    most: int = MOST_KEYWORDS
    longest: int = LONGEST_DESCRIPTION
    wish: str = ""
    previous: str = ""


class SeoTexts(BaseModel):
    keywords: list[Keyword] = Field(min_length=FEWEST_KEYWORDS, max_length=MOST_KEYWORDS)
    bio: str = Field(min_length=1, max_length=5_000)
    description: str = Field(min_length=1, max_length=LONGEST_DESCRIPTION)


def facts(draft: Draft, wish: str, previous: str) -> SeoFacts:
    known = profile.profile(draft.expert)
    return SeoFacts(**dict(known), language=draft.language, wish=wish, previous=previous)


def offline(facts: SeoFacts) -> SeoTexts:
    language = patterns.language_for(facts.language)
    variant = f"{facts.wish}/{facts.previous}"
    goal = patterns.wished((facts.low, facts.high), facts.wish)
    return SeoTexts(
        keywords=writer.keywords(facts, language),
        bio=writer.rewritten(facts, language, words=goal, variant=variant),
        description=writer.description(facts, language, variant),
    )


def written(output: SeoTexts) -> Written:
    return Written(output.bio, {"keywords": output.keywords, "description": output.description})


def sources(draft: Draft) -> tuple[Source, ...]:
    return profile.sources(draft.expert)


def beside(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The description, and each keyword as a sentence: what it says of the expert is read by as many people.

    In small letters, because keywords have no grammar: “Restaurant-Tipps Lissabon” is no name.
    """
    keywords = "\n".join(f"{key.lower()}." for key in data.get("keywords", ()))
    return tuple(filter(None, [str(data.get("description", "")), keywords]))


def apply(draft: Draft, version: Version) -> dict[str, Any]:
    expert = draft.expert
    put: dict[str, Any] = {
        "bio": version.text,
        "search_description": str(version.data.get("description", "")),
        "search_words": editing.SEPARATOR.join(map(str, version.data.get("keywords", ()))),
    }
    before = {name: getattr(expert, name) for name in put}
    editing.change(expert=expert, by=expert.user, **put)
    return before


def keywords(text: Text) -> Iterator[Finding]:
    """As many as wanted, each once, some of them in the text."""
    found = [str(key) for key in text.data.get("keywords", ())]
    distinct = {key.lower() for key in found}
    if not FEWEST_KEYWORDS <= len(distinct) <= MOST_KEYWORDS or len(distinct) < len(found):
        yield Finding(
            "keywords",
            _("%(count)s different keywords; %(low)s to %(high)s are wanted.")
            % {"count": len(distinct), "low": FEWEST_KEYWORDS, "high": MOST_KEYWORDS},
            repair=f"Give {FEWEST_KEYWORDS} to {MOST_KEYWORDS} keywords, no two the same.",
        )
    if sum(bool(words.places(key, text.text)) for key in distinct) < FEWEST_USED:
        yield Finding(
            "keywords_unused",
            _("Hardly any of the keywords are in the text."),
            repair="Work 4 to 6 of the keywords into the bio, each once.",
        )


def description(text: Text) -> Iterator[Finding]:
    count = len(str(text.data.get("description", "")))
    if not 0 < count <= LONGEST_DESCRIPTION:
        yield Finding(
            "description",
            _("The description has %(count)s characters; search pages show %(most)s.")
            % {"count": count, "most": LONGEST_DESCRIPTION},
            repair=f"Write a description of at most {LONGEST_DESCRIPTION} characters.",
        )


SEO = door.Prompt(
    name="content_assistant.seo",
    version=1,
    purpose="drafting",
    template=(Path(__file__).parent.parent / "prompts" / "seo.md").read_text(encoding="utf-8"),
    facts=SeoFacts,
    output=SeoTexts,
    parameters=frozenset({"language", "low", "high", "fewest", "most", "longest"}),
    offline=offline,
    max_output_tokens=2_500,
    audience=door.Audience.PUBLIC,
    restores=frozenset({"person"}),
    sources=frozenset(
        "name city country headline bio background unique_value years group specialties languages services reviews "
        "wish".split()
    ),
)

TOOL = register(
    Tool(
        name=Draft.Tool.SEO,
        label=gettext_lazy("Search texts"),
        line=gettext_lazy("Keywords travelers type, your bio with them in it, and a line for search pages."),
        seconds=20,
        words=WORDS,
        form=SeoForm,
        prompt=SEO,
        facts=facts,
        sources=sources,
        checks=(
            words.length(*WORDS),
            words.language,
            words.banned,
            words.first_person,
            words.stuffing,
            words.gaps,
            offers.published,
            keywords,
            description,
        ),
        written=written,
        apply=apply,
        beside=beside,
        minutes=60,
        about=profile.reviewers,
    )
)
