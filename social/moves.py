"""The way of an outreach: one function makes every move, whoever asks for it, in the admin, in Slack or in a task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from experts.models import Expert
from social import consent, phrasing
from social.models import Contact, Lead, Outreach
from social.signals import outreach_moved

State = Outreach.State
PERMISSION = "social.decide_outreach"
# Who a move belongs to: people with the permission, or the system where something was seen to happen. A message is
# approved by a named person alone.
_P, _S = "person", "system"
_BOTH = frozenset({_P, _S})
_PERSON, _SYSTEM = frozenset({_P}), frozenset({_S})
MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    State.IDENTIFIED: {
        State.DRAFTED: _SYSTEM,
        State.CUSTOMISED: _PERSON,  # where no draft could be made, a person writes
        State.SKIPPED: _PERSON,
        State.OPTED_OUT: _BOTH,
    },
    State.DRAFTED: {
        State.CUSTOMISED: _PERSON,
        State.APPROVED: _PERSON,
        State.SKIPPED: _PERSON,
        State.OPTED_OUT: _BOTH,
    },
    State.CUSTOMISED: {
        State.CUSTOMISED: _PERSON,
        State.APPROVED: _PERSON,
        State.SKIPPED: _PERSON,
        State.OPTED_OUT: _BOTH,
    },
    State.APPROVED: {
        State.SENT: _BOTH,
        State.CUSTOMISED: _PERSON,
        State.SKIPPED: _PERSON,
        State.OPTED_OUT: _BOTH,
    },
    State.SENT: {
        State.REPLIED: _BOTH,
        State.CONVERTED: _PERSON,
        State.DECLINED: _PERSON,
        State.OPTED_OUT: _BOTH,
    },
    State.REPLIED: {State.CONVERTED: _PERSON, State.DECLINED: _PERSON, State.OPTED_OUT: _BOTH},
    State.CONVERTED: {},
    State.SKIPPED: {},
    State.DECLINED: {State.CONVERTED: _PERSON, State.OPTED_OUT: _BOTH},
    State.OPTED_OUT: {},
}
OPEN = [State.IDENTIFIED, State.DRAFTED, State.CUSTOMISED, State.APPROVED, State.SENT, State.REPLIED]
# What waits for a decision.
TO_DECIDE = [State.IDENTIFIED, State.DRAFTED, State.CUSTOMISED]
# Those of them that have a text to approve.
WITH_TEXT = [State.DRAFTED, State.CUSTOMISED]
# Approved, and nobody but a person brings it on its way.
BY_HAND = Q(state=State.APPROVED, send_after=None)
NEEDS_REASON = {State.SKIPPED, State.DECLINED}


class Decided(IllegalMove):
    """Somebody else was faster, or it has moved on: who and where to are in the sentence."""

    def __init__(self, outreach: Outreach, asked: str, allowed: list[str], who: str) -> None:
        state = outreach.get_state_display()
        names = [str(State(one).label) for one in allowed]
        super().__init__(now=state, asked=str(State(asked).label), allowed=names)
        if who:
            self.args = (_("%(who)s was faster: this is “%(state)s” now.") % {"who": who, "state": state},)


@transaction.atomic
def move(
    outreach: Outreach,
    to: str,
    *,
    by: User | None,
    text: str = "",
    reason: str = "",
    expert: Expert | None = None,
    via: str = "",
    seen: str = "",
    **fields: Any,
) -> Outreach:
    """Take the row, as it is now, to this state; returns it. `by=None` is the system.

    `text` is what is to be sent, `reason` why not, `expert` whom they became, `seen` the state in which whoever
    decides has seen it. Raises IllegalMove, DomainError, or PermissionDenied for whoever may not.
    """
    outreach = locked(outreach)
    before = outreach.state
    _check(outreach, to, by, seen)
    if to in NEEDS_REASON and not reason.strip():
        raise DomainError(_("Say why."))
    now = timezone.now()
    for name, value in fields.items():
        setattr(outreach, name, value)
    if reason.strip():
        outreach.reason = reason.strip()[:1000]
    _ARRIVALS.get(State(to), _nothing)(outreach, Asked(by, text.strip(), now, expert))
    outreach.state, outreach.moved_at = to, now
    if to != State.APPROVED:
        outreach.send_after = None
    outreach.save()
    noted = {"reason": outreach.reason if reason else "", "via": via}
    audit.record(action=f"outreach.{to}", target=outreach, by=by, before=before, after=to, **noted)
    outreach_moved.send(Outreach, outreach=outreach, before=before)
    return outreach


def locked(outreach: Outreach) -> Outreach:
    """The row as it is, for this transaction alone. Its lead is locked first, as whoever opts out does."""
    Lead.objects.select_for_update().get(pk=outreach.lead_id)
    return (
        Outreach.objects.select_for_update(of=("self",))
        .select_related("lead__author", "lead__market", "claimed_by", "approved_by", "grounded_on")
        .get(pk=outreach.pk)
    )


def allowed(outreach: Outreach, user: User | None) -> list[str]:
    who = _P if user else _S
    return [to for to, whose in MOVES[outreach.state].items() if who in whose]


def may_decide(user: User) -> bool:
    return user.is_active and user.is_staff and user.has_perm(PERMISSION)


def _check(outreach: Outreach, to: str, by: User | None, seen: str) -> None:
    if by is not None and not may_decide(by):
        raise PermissionDenied
    possible = allowed(outreach, by)
    if to not in possible or (seen and seen != outreach.state):
        raise Decided(outreach, to, possible, _who(outreach, by))
    if by and to != State.OPTED_OUT:  # who wants to be left alone waits for no claim
        respect_claim(outreach, by)
    if to in {State.CUSTOMISED, State.SKIPPED} and is_taken(outreach):
        raise DomainError(_("This message is being sent, and can’t be changed any more."))


def _who(outreach: Outreach, by: User | None) -> str:
    """Somebody else who made the last move, if it was a person."""
    event = audit.history(outreach).filter(action=f"outreach.{outreach.state}").order_by("-pk").first()
    if event is None or event.actor is None or (by and event.actor.pk == by.pk):
        return ""
    return str(event.actor.name or event.actor.email)


def is_taken(outreach: Outreach) -> bool:
    """A message of it has left, or is about to: its row in the ledger is there."""
    return Contact.objects.filter(outreach=outreach, kind=Contact.Kind.MESSAGE).exists()


# What each arrival writes


@dataclass(frozen=True)
class Asked:
    by: User | None
    text: str
    now: datetime
    expert: Expert | None


Arrival = Callable[[Outreach, Asked], None]


def _nothing(outreach: Outreach, asked: Asked) -> None:
    pass


def _drafted(outreach: Outreach, asked: Asked) -> None:
    outreach.drafted_at = asked.now


def _customised(outreach: Outreach, asked: Asked) -> None:
    outreach.text = checked(asked.text)
    outreach.customised_at = asked.now
    outreach.approved_by = outreach.approved_at = None


def _approved(outreach: Outreach, asked: Asked) -> None:
    """A variant, or the text as a person has made it: what is approved is what was read."""
    text = asked.text or next(iter(outreach.texts), "")
    if text not in outreach.texts:
        raise DomainError(_("This text is not there any more. Read it again, then approve it."))
    outreach.text = checked(text)
    if text in outreach.variants and len(outreach.grounds) == len(outreach.variants):
        outreach.grounded_on_id = outreach.grounds[outreach.variants.index(text)]
    outreach.approved_by, outreach.approved_at = asked.by, asked.now
    outreach.send_note = ""


def _sent(outreach: Outreach, asked: Asked) -> None:
    if not is_taken(outreach):
        raise DomainError(_("Nothing was sent: the ledger knows of no message."))
    outreach.sent_at = asked.now
    outreach.send_note = ""


def _replied(outreach: Outreach, asked: Asked) -> None:
    if not asked.text:
        raise DomainError(_("Write what they said."))
    outreach.reply = asked.text[:2000]
    outreach.replied_at = outreach.replied_at or asked.now


def _converted(outreach: Outreach, asked: Asked) -> None:
    expert = asked.expert
    if expert is None or expert.status in {Expert.Status.DRAFT, Expert.Status.CLOSED}:
        raise DomainError(_("Choose the application that they have handed in."))
    if Lead.objects.filter(expert=expert).exclude(pk=outreach.lead_id).exists():
        raise DomainError(_("Another lead has already become this expert."))
    Lead.objects.filter(pk=outreach.lead_id).update(expert=expert)
    outreach.lead.expert = expert
    outreach.converted_at = asked.now


def _opted_out(outreach: Outreach, asked: Asked) -> None:
    consent.opt_out(outreach.lead.handle, by=asked.by, now=asked.now)
    if asked.text:
        outreach.reply = asked.text[:2000]
        outreach.replied_at = outreach.replied_at or asked.now


_ARRIVALS: Mapping[str, Arrival] = {
    State.DRAFTED: _drafted,
    State.CUSTOMISED: _customised,
    State.APPROVED: _approved,
    State.SENT: _sent,
    State.REPLIED: _replied,
    State.CONVERTED: _converted,
    State.OPTED_OUT: _opted_out,
}


def checked(text: str) -> str:
    """DomainError, with every reason, for what nobody may send."""
    if found := phrasing.problems_of_any(text):
        raise DomainError(" ".join(phrasing.said(one) for one in found))
    return text


@transaction.atomic
def opt_out(lead: Lead, *, by: User) -> None:
    """Of somebody who asked us, by whatever way, not to write: what is open ends with it."""
    if not may_decide(by):
        raise PermissionDenied
    lead = Lead.objects.select_for_update(of=("self",)).select_related("author").get(pk=lead.pk)
    if outreach := Outreach.objects.filter(lead=lead, state__in=OPEN).first():
        move(outreach, State.OPTED_OUT, by=by)
    else:
        consent.opt_out(lead.handle, by=by, now=timezone.now())
    audit.record(action="lead.opt_out", target=lead, by=by)


# Claims: who works on it


@transaction.atomic
def claim(outreach: Outreach, *, by: User, take_over: bool = False) -> Outreach:
    """So that two people do not read the same. Whoever asks for it may take a claim over; that is noted."""
    outreach = locked(outreach)
    if not may_decide(by):
        raise PermissionDenied
    if outreach.state not in OPEN:
        raise DomainError(_("There is nothing left to decide."))
    holder = outreach.claimed_by
    if holder == by:
        return outreach
    if not take_over:
        respect_claim(outreach, by)
    return _set_claim(outreach, by, by, **({"from": str(holder)} if holder else {}))


def respect_claim(outreach: Outreach, by: User) -> None:
    """DomainError where somebody else works on it."""
    if outreach.claimed_by_id not in {None, by.pk}:
        raise DomainError(_("%(name)s has claimed this.") % {"name": outreach.claimed_by})


@transaction.atomic
def release(outreach: Outreach, *, by: User) -> Outreach:
    outreach = locked(outreach)
    if not may_decide(by):
        raise PermissionDenied
    if outreach.claimed_by_id != by.pk:
        raise DomainError(_("You have not claimed this."))
    return _set_claim(outreach, None, by)


def _set_claim(outreach: Outreach, holder: User | None, by: User, **detail: Any) -> Outreach:
    outreach.claimed_by = holder
    outreach.claimed_at = timezone.now() if holder else None
    outreach.save(update_fields=["claimed_by", "claimed_at"])
    audit.record(action="outreach.claim" if holder else "outreach.release", target=outreach, by=by, **detail)
    return outreach
