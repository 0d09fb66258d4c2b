"""Where texts of the assistant stand once they are applied: in the profile, or in a service."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from content_assistant.models import Draft
from experts import editing
from experts.models import Expert, Service

# What the text itself replaces, by tool; what a tool changes beside it, it says when it is applied.
FIELDS = {Draft.Tool.BIO: "bio", Draft.Tool.SEO: "bio", Draft.Tool.SERVICE: "description"}


def row(draft: Draft) -> Expert | Service:
    """As it is now: whatever was loaded with the draft may be older."""
    if draft.service_id:
        return Service.objects.select_related("expert__user").get(pk=draft.service_id)
    return Expert.objects.select_related("user", "market").get(pk=draft.expert_id)


def standing(draft: Draft, names: Iterable[str]) -> dict[str, Any]:
    place = row(draft)
    return {name: getattr(place, name) for name in names}


def text_now(draft: Draft) -> str:
    """What an applied text would stand in place of."""
    name = FIELDS.get(Draft.Tool(draft.tool))
    return str(standing(draft, [name])[name]) if name else ""


def put_back(draft: Draft, by: User) -> None:
    place = row(draft)
    if isinstance(place, Service):
        for name, value in draft.replaced.items():
            setattr(place, name, value)
        editing.change_service(service=place, by=by)
    else:
        editing.change(expert=place, by=by, **draft.replaced)
