"""A draft as its expert sees it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.translation import gettext as _

from content_assistant import limits, tools
from content_assistant.forms import TextForm, WishForm
from content_assistant.learning import count
from content_assistant.models import Draft, Version
from content_assistant.tools import Tool
from experts.models import Expert
from llm import door
from markets import moments

State = Version.State
_SIGNS = re.compile(r"\*+")
LIST = ("number", "state", "origin", "wish", "error", "notice", "model", "created_at", "draft_id")


@dataclass(frozen=True)
class Progress:
    """The text as far as it is written, and where to read on."""

    text: str
    id: str
    is_complete: bool  # and being checked


def progress(version: Version, user: Any) -> Progress:
    page = door.read(version.stream, user) if version.state == State.RUNNING else None
    place = f"{version.number}.{version.state}.{page.id if page else ''}"
    return Progress(page.text, place, page.state == "done") if page else Progress("", place, False)


@dataclass(frozen=True)
class Claim:
    place: int
    sentence: str  # without the signs of Markdown
    source: str
    url: str
    confirmed: bool


def claims(version: Version) -> list[Claim]:
    return [
        Claim(
            place, _SIGNS.sub("", one["sentence"]).strip("-–•# "), one["source"], one["url"], one["confirmed"]
        )
        for place, one in enumerate(version.claims)
    ]


def marked(version: Version) -> list[tuple[str, bool]]:
    """The text in stretches, those marked that wait for the expert to confirm them."""
    pieces, rest = [], version.text
    for one in version.claims:
        before, found, after = rest.partition(one["sentence"])
        if not one["sentence"] or not found:
            continue
        is_open = not (one["source"] or one["confirmed"])
        pieces += [(before, False), (found, is_open)]
        rest = after
    return [*pieces, (rest, False)]


def origin(version: Version) -> str:
    match version.origin:
        case Version.Origin.MODEL:
            return _("Written by %(model)s") % {"model": version.model or _("a language model")}
        case Version.Origin.OFFLINE:
            return _("Put together from a template, without a language model")
        case Version.Origin.EXPERT:
            return _("Edited by you")
        case Version.Origin.STAFF:
            return _("Edited by our team")
    return ""


@dataclass(frozen=True)
class Line:
    """A version in the list."""

    version: Version
    origin: str
    when: str
    can_return: bool


def lines(versions: Sequence[Version], newest: Version | None, zone: str) -> list[Line]:
    return [
        Line(
            version,
            origin(version),
            moments.moment(version.created_at, zone),
            version.state == State.READY and version != newest,
        )
        for version in versions
    ]


def context(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    expert = draft.expert
    tool = tools.of(draft.tool)
    versions = list(draft.versions.only(*LIST).order_by("-number"))
    last = versions[0]
    ready = next((one for one in versions if one.state == State.READY), None)
    text = Version.objects.get(pk=ready.pk) if ready else None
    zone = expert.user.time_zone
    given = {
        "draft": draft,
        "tool": tool,
        "last": last,
        "version": text,
        "lines": lines(versions, ready, zone),
        "writing": progress(last, request.user) if last.state in Version.OPEN else None,
        "left": limits.left(expert.user),
        "wish_form": WishForm(initial={"number": last.number}, auto_id="again_%s"),
        "is_open": draft.state == Draft.State.OPEN,
    }
    return given | _held(last) | (_about(draft, text, last, tool) if text else {})


def _held(last: Version) -> dict[str, Any]:
    if last.state != State.REJECTED:
        return {}
    reason = Version.objects.filter(pk=last.pk).values_list("ruling__reason", flat=True).first()
    return {"rejected_because": reason}


def _about(draft: Draft, version: Version, last: Version, tool: Tool) -> dict[str, Any]:
    listed = claims(version)
    return {
        "origin": origin(version),
        "words": count(version.text),
        "target": tool.words,
        "claims": [one for one in listed if not one.source],
        "supported": [one for one in listed if one.source],
        "waiting": sum(not (one.source or one.confirmed) for one in listed),
        "marked": marked(version),
        "text_form": TextForm(initial={"number": last.number, "text": version.text}),
        "original": tool.original(draft) if tool.original else None,
        "can_use": tool.apply is not None or tool.name == Draft.Tool.INQUIRY,
    }


def form_context(request: HttpRequest, tool: Tool, expert: Expert, form: Any) -> dict[str, Any]:
    return {
        "tool": tool,
        "expert": expert,
        "form": form,
        "left": limits.left(expert.user),
        "key": request.POST.get("key") or uuid4(),
    }
