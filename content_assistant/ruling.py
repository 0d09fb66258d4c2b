"""What our team does with held texts. One function for each move of a `Ruling`, with its trail.

What the machine said stays in `verdicts` as it was; a person's word stands beside it. Who takes a text has it for
half an hour, so that two people do not read the same; who decides takes it by that, unless another has it.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from accounts.notices.telling import tell
from content_assistant import examining, moves, tools
from content_assistant.models import Draft, Ruling, Version

Decision = Ruling.Decision
LAPSES = timedelta(minutes=30)
LONGEST_REASON = 500
LONGEST_TEXT = 40_000


def may_decide(ruling: Ruling, user: User) -> bool:
    """Nobody decides about their own text."""
    return user.has_perm("content_assistant.decide_ruling") and ruling.version.draft.expert.user_id != user.pk


def holder(ruling: Ruling, now: datetime | None = None) -> User | None:
    """Who has taken it and still has it."""
    if ruling.decision or ruling.claimed_at is None:
        return None
    return ruling.claimed_by if ruling.claimed_at + LAPSES > (now or timezone.now()) else None


@transaction.atomic
def claim(*, ruling: Ruling, by: User) -> Ruling:
    """Take it, or take it for another half hour."""
    ruling = _open(ruling, by)
    _take(ruling, by)
    audit.record(action="ruling.claim", target=ruling, by=by)
    return ruling


@transaction.atomic
def release(*, ruling: Ruling, by: User) -> Ruling:
    """Put it back. A second click finds it free already."""
    ruling = _open(ruling, by)
    if ruling.claimed_by_id is not None:
        ruling.claimed_by, ruling.claimed_at = None, None
        ruling.save(update_fields=["claimed_by", "claimed_at"])
        audit.record(action="ruling.release", target=ruling, by=by)
    return ruling


@transaction.atomic
def approve(*, ruling: Ruling, by: User, reason: str = "") -> Ruling:
    """The text is ready, as it was written."""
    ruling = _open(ruling, by)
    moves.move_version(ruling.version, Version.State.READY)
    return _decided(ruling, Decision.APPROVED, by, reason)


@transaction.atomic
def edit(*, ruling: Ruling, by: User, text: str, reason: str) -> Ruling:
    """A text of ours stands in its place; the one that was held stays as it was, and is not used."""
    ruling = _open(ruling, by)
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    _check_edit(ruling, text)
    moves.move_version(ruling.version, Version.State.REJECTED)
    _add(ruling.version, text)
    return _decided(ruling, Decision.EDITED, by, _needed(reason))


@transaction.atomic
def reject(*, ruling: Ruling, by: User, reason: str) -> Ruling:
    ruling = _open(ruling, by)
    moves.move_version(ruling.version, Version.State.REJECTED)
    return _decided(ruling, Decision.REJECTED, by, _needed(reason))


def can_edit(ruling: Ruling) -> bool:
    """What lies beside the text can't be changed by hand, but where the tool reads it from the text."""
    if tools.of(ruling.version.draft.tool).reread:
        return True
    beside = json.dumps(ruling.version.data, ensure_ascii=False)
    return not any(span in beside for span in _spans(ruling))


def _spans(ruling: Ruling) -> Iterator[str]:
    for verdict in ruling.verdicts:
        if span := str(verdict.get("span") or ""):
            yield json.dumps(span, ensure_ascii=False)[1:-1]


def _check_edit(ruling: Ruling, text: str) -> None:
    if not text or text == ruling.version.text:
        raise DomainError(_("Change the text, or approve it as it is."))
    if len(text) > LONGEST_TEXT:
        raise DomainError(_("This text is too long to be saved."))
    if not can_edit(ruling):
        raise DomainError(
            _("What was found stands in a plan or a list that is kept beside the text. Reject it.")
        )


def _add(held: Version, text: str) -> None:
    """One more version, checked as a text of the expert's would be. What it says is not confirmed by our writing it."""
    draft = held.draft
    with translation.override(draft.expert.user.language):
        checked, found = examining.of_edit(draft, held, text)
    last = Version.objects.filter(draft=draft).aggregate(last=Max("number"))["last"]
    Version.objects.create(
        draft=draft,
        number=last + 1,
        state=Version.State.READY,
        origin=Version.Origin.STAFF,
        text=text,
        data=checked.data,
        findings=[finding.stored() for finding in found.findings],
        claims=[asdict(one) for one in found.claims],
        citations=held.citations,
        facts=held.facts,  # it is as stale as what it was made of
        finished_at=timezone.now(),
    )


def _open(ruling: Ruling, by: User) -> Ruling:
    """Locked, with its draft, and for this person to move. The draft first, as everywhere. PermissionDenied: not this
    person; DomainError: it is decided, or somebody else has it.
    """
    draft = moves.lock(Draft.objects.get(versions__ruling=ruling).pk)
    rows = Ruling.objects.select_for_update(of=("self",)).select_related("version", "claimed_by")
    ruling = rows.get(pk=ruling.pk)
    ruling.version.draft = draft
    if not may_decide(ruling, by):
        raise PermissionDenied
    if ruling.decision:
        raise DomainError(_("Somebody has decided about this text already."))
    if (other := holder(ruling)) and other != by:
        raise DomainError(_("%(name)s is looking at this text.") % {"name": other.name})
    return ruling


def _take(ruling: Ruling, by: User) -> None:
    ruling.claimed_by, ruling.claimed_at = by, timezone.now()
    ruling.save(update_fields=["claimed_by", "claimed_at"])


def _needed(reason: str) -> str:
    if not reason.strip():
        raise DomainError(_("Say why: the expert reads it."))
    return reason


def _decided(ruling: Ruling, decision: str, by: User, reason: str) -> Ruling:
    ruling.decision, ruling.reason = decision, reason.strip()[:LONGEST_REASON]
    ruling.decided_by, ruling.decided_at = by, timezone.now()
    ruling.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    audit.record(action=f"ruling.{decision}", target=ruling, by=by, reason=ruling.reason)
    _tell(ruling)
    return ruling


def _tell(ruling: Ruling) -> None:
    draft = ruling.version.draft
    facts: dict[str, Any] = {"tool": draft.tool, "reason": ruling.reason}
    tell(
        user=draft.expert.user,
        kind=f"draft.{ruling.decision}",
        key=f"ruling-{ruling.pk}",
        facts=facts,
        url=reverse("assistant:draft", args=[draft.pk]),
    )
