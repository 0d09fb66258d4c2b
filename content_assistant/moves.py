"""The one way from a state to another, of drafts and of their versions, and what the worker does on it."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import IllegalMove
from content_assistant.models import Draft, Ruling, Version
from content_assistant.writing import Outcome

State = Version.State
WITH_PARTS = ("expert__user", "expert__market", "service", "inquiry__traveler", "inquiry__trip", "source")


def lock(draft_id: int) -> Draft:
    """The draft as it is now, and nobody else's to change until the transaction ends."""
    rows = Draft.objects.select_for_update(of=("self",)).select_related(*WITH_PARTS)
    return rows.get(pk=draft_id)


def move_draft(draft: Draft, to: str, **fields: Any) -> None:
    """Of a locked draft. IllegalMove says what is possible."""
    if to not in Draft.MOVES[draft.state]:
        raise IllegalMove.of(draft, to)
    Draft.objects.filter(pk=draft.pk).update(state=to, **fields)
    for name, value in {"state": to, **fields}.items():
        setattr(draft, name, value)


def move_version(version: Version, to: str, **fields: Any) -> None:
    """Of a version whose draft is locked. A state that is no longer open notes when it ended."""
    if to not in Version.MOVES[version.state]:
        raise IllegalMove.of(version, to)
    fields |= {"state": to, "finished_at": None if to in Version.OPEN else timezone.now()}
    Version.objects.filter(pk=version.pk).update(**fields)
    for name, value in fields.items():
        setattr(version, name, value)


@transaction.atomic
def begin(version_id: int) -> tuple[Version, str] | None:
    """The version as its writer needs it, with the text that is to be changed. None: nobody waits for it any more."""
    found = Version.objects.filter(pk=version_id).first()
    if found is None:
        return None
    draft = lock(found.draft_id)
    version = Version.objects.get(pk=version_id)
    if version.state not in Version.OPEN:
        return None
    move_version(version, State.RUNNING)
    version.draft = draft
    return version, (text_before(version) if version.wish else "")


def text_before(version: Version) -> str:
    ready = Version.objects.filter(draft=version.draft_id, state=State.READY, number__lt=version.number)
    return ready.order_by("-number").values_list("text", flat=True).first() or ""


def finish(version: Version, outcome: Outcome) -> None:
    """Store what was written, in the caller's transaction. What was cancelled meanwhile has cost something, no more."""
    lock(version.draft_id)
    version = Version.objects.select_related("draft").get(pk=version.pk)
    if version.state != State.RUNNING:
        Version.objects.filter(pk=version.pk).update(cost=F("cost") + outcome.fields.get("cost", 0))
        return
    move_version(version, outcome.state, **outcome.fields)
    if outcome.state == State.HELD:
        Ruling.objects.create(version=version, verdicts=outcome.verdicts)
        audit.record(action="draft.hold", target=version.draft, by=None, number=version.number)


@transaction.atomic
def give_up(version_id: int) -> None:
    """Nobody writes it any more: its workers died, one after the other."""
    for version in Version.objects.filter(pk=version_id).select_related("draft__expert__user"):
        draft = lock(version.draft_id)
        version.refresh_from_db(fields=["state"])
        if version.state in Version.OPEN:
            with translation.override(draft.expert.user.language):
                error = _("Writing this text broke off several times. Please try again.")
            move_version(version, State.FAILED, error=error)
