"""A small tool for tests: it writes about the expert's bio, and its text stands in the bio."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import F
from pydantic import BaseModel

from bookings.models import Inquiry, Message
from content_assistant.checks import Claim, Finding, Source, Text
from content_assistant.models import Draft, Version
from content_assistant.tools import Tool, Written
from experts import editing
from experts.models import Service
from llm import door

OFFLINE = "From a template: I walk with guests."


class Facts(BaseModel):
    language: str
    headline: str
    service: str = ""
    messages: list[str] = []
    wish: str = ""
    text_before: str = ""


class Plan(BaseModel):
    title: str
    days: list[str]


class BioForm(forms.Form):
    language = forms.ChoiceField(choices=[("en", "English"), ("de", "German")])

    def __init__(self, *args: Any, expert: Any, **more: Any) -> None:
        super().__init__(*args, **more)


class InquiryForm(BioForm):
    inquiry = forms.ModelChoiceField(Inquiry.objects.none())

    def __init__(self, *args: Any, expert: Any, **more: Any) -> None:
        super().__init__(*args, expert=expert, **more)
        field: Any = self.fields["inquiry"]
        field.queryset = Inquiry.objects.filter(expert=expert)


class ServiceForm(BioForm):
    service = forms.ModelChoiceField(Service.objects.none())

    def __init__(self, *args: Any, expert: Any, **more: Any) -> None:
        super().__init__(*args, expert=expert, **more)
        field: Any = self.fields["service"]
        field.queryset = expert.services.all()


class LanguagesForm(forms.Form):
    languages = forms.MultipleChoiceField(choices=[("de", "German"), ("fr", "French")])

    def __init__(self, *args: Any, expert: Any, **more: Any) -> None:
        super().__init__(*args, **more)


def facts(draft: Draft, wish: str, text_before: str) -> Facts:
    service = Service.objects.filter(pk=draft.service_id or 0).values_list("description", flat=True).first()
    said = Message.objects.filter(inquiry=draft.inquiry_id).order_by("pk") if draft.inquiry_id else []
    return Facts(
        language=draft.language,
        headline=type(draft.expert).objects.values_list("headline", flat=True).get(pk=draft.expert_id),
        service=service or "",
        messages=[one.body for one in said],
        wish=wish,
        text_before=text_before,
    )


def sources(draft: Draft) -> tuple[Source, ...]:
    return (Source("profile", "your profile", draft.expert.headline, draft.expert.get_absolute_url()),)


def no_love(text: Text) -> Iterable[Finding]:
    if "love travel" in text.text:
        yield Finding("banned", "“love travel” is said by everybody.", repair="Do not write: love travel.")


def no_gaps(text: Text) -> Iterable[Finding]:
    if "___" in text.text:
        yield Finding("gap", "There is a gap to be filled.", blocks=True)


def years(text: Text) -> Iterable[Claim]:
    """Stands for the real one: sentences with a number, supported where the profile has it."""
    for sentence in filter(None, text.text.split(". ")):
        if any(sign.isdigit() for sign in sentence):
            found = [one for one in text.sources if sentence in one.text]
            yield Claim(sentence, ("number",), found[0].label if found else "", found[0].url if found else "")


def apply(draft: Draft, version: Version) -> dict[str, Any]:
    if draft.service_id:
        service = Service.objects.select_related("expert").get(pk=draft.service_id)
        before, service.description = service.description, version.text
        editing.change_service(service=service, by=draft.expert.user)
        return {"description": before}
    before = draft.expert.bio
    editing.change(expert=draft.expert, by=draft.expert.user, bio=version.text)
    return {"bio": before}


def prompt(name: str, version: int = 1, output: Any = str, **more: Any) -> door.Prompt[Any, Any]:
    words: Any = OFFLINE if output is str else Plan(title=OFFLINE, days=["Walk"])
    fields: dict[str, Any] = {"offline": lambda facts: words, "purpose": "drafting"} | more
    return door.Prompt(
        name=f"tests.{name}",
        version=version,
        template="Write in the language $language.",
        facts=Facts,
        output=output,
        parameters=frozenset({"language"}),
        audience=door.Audience.PUBLIC,
        **fields,
    )


BIO = Tool(
    name=Draft.Tool.BIO,
    label="Bio",
    line="Who you are, in your words.",
    seconds=10,
    words=(3, 60),
    form=BioForm,
    prompt=prompt("bio"),
    facts=facts,
    sources=sources,
    checks=(no_love, no_gaps),
    written=Written,
    apply=apply,
)


def tool(name: str, **fields: Any) -> Tool:
    known = {field: getattr(BIO, field) for field in BIO.__dataclass_fields__}
    return Tool(**known | {"name": Draft.Tool(name), "prompt": prompt(name)} | fields)


TOOLS = [
    BIO,
    tool("service", label="Service", form=ServiceForm),
    tool("inquiry", label="Reply", form=InquiryForm, apply=None),
    tool("translate", label="Translation", form=LanguagesForm, apply=None),
    tool(
        "itinerary",
        label="Itinerary",
        apply=None,
        prompt=prompt("itinerary", output=Plan, tier=door.Tier.REASONING),
        written=lambda plan: Written(plan.title, {"days": plan.days}),
    ),
]


def bump(expert: Any) -> None:
    """What drafts are written from changes."""
    type(expert).objects.filter(pk=expert.pk).update(
        headline="Another headline", years_experience=F("years_experience")
    )
