"""How an approved message leaves: by X where our account is connected, else by hand.

`take` is the one door: under the lock of the rules of sending it asks every rule, and writes the row of the ledger
before anything leaves. Whoever sends holds that row; it goes again only where surely nothing was sent.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from experts.calendar import clock
from jobs import effects
from jobs.errors import OutcomeUnknown, Permanent, Retryable
from jobs.models import Effect
from markets import moments
from social import consent, moves, x_messages
from social.fingerprints import number
from social.models import Contact, Outreach, SocialSettings
from social.models.leads import SILENCE
from social.models.monitoring import midnight
from social.sources.x_api import RateLimited

State = Outreach.State
# What a person has taken to send by hand is theirs so long; then the rules are asked once more.
HAND_OVER = timedelta(days=1)
# How often somebody asks whether sending is still stopped.
LOOK_AGAIN = timedelta(minutes=5)


class NotNow(DomainError):
    """It may leave later; `until` says when to ask again."""

    def __init__(self, message: str, until: datetime) -> None:
        self.until = until
        super().__init__(message)


class Never(DomainError):
    """This message may not leave."""


@transaction.atomic
def take(outreach: Outreach, now: datetime) -> Outreach:
    """All rules at once, then the ledger's row: after this, and only after this, the message may leave.

    NotNow or Never say why not. To take what one has taken before is no second message; whether it may still leave
    is asked again.
    """
    rules = SocialSettings.objects.select_for_update().get(pk=1)  # one after the other, over all markets
    outreach = moves.locked(outreach)
    _may_ever_leave(outreach, now)
    if rules.stopped:
        raise NotNow(_("Sending is stopped."), now + LOOK_AGAIN)
    if until := quiet_until(rules, outreach.lead.market.time_zone, now):
        raise NotNow(_said_of_night(until, outreach.lead.market.time_zone), until)
    if moves.is_taken(outreach):
        return outreach
    if sent_on(now) >= rules.daily_cap:
        raise NotNow(_("Today’s limit of messages is reached."), midnight(now) + timedelta(days=1))
    Contact.objects.create(
        person=number(outreach.lead.handle),
        handle=outreach.lead.handle,
        kind=Contact.Kind.MESSAGE,
        at=now,
        until=now + SILENCE,
        outreach=outreach,
        by=outreach.approved_by,
    )
    return outreach


def _may_ever_leave(outreach: Outreach, now: datetime) -> None:
    if outreach.state != State.APPROVED:
        raise IllegalMove(now=outreach.get_state_display(), asked=str(State.SENT.label), allowed=[])
    # Whoever approved must be one who may: an account that lost the permission since approves nothing.
    approver = outreach.approved_by
    if approver is None or not moves.may_decide(approver):
        raise Never(_("Nobody who may decide has approved this."))
    if why := consent.refusal(outreach.lead, now, besides=outreach):
        raise Never(why)


def quiet_until(rules: SocialSettings, zone_name: str, now: datetime) -> datetime | None:
    """When the quiet hours of this zone end, if it is quiet there. A lead's zone is that of their market."""
    start, end = rules.quiet_from, rules.quiet_until
    zone = clock.zone_of(zone_name)
    hour = now.astimezone(zone).hour
    is_quiet = start <= hour < end if start < end else start != end and (hour >= start or hour < end)
    return _next_time(now, end, zone) if is_quiet else None


def _said_of_night(until: datetime, zone: str) -> str:
    return _("It is night there until %(time)s (%(zone)s), as the quiet hours of the sending rules say.") % {
        "time": moments.moment(until, zone),
        "zone": moments.zone_name(zone),
    }


def _next_time(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    today = clock.day_of(now, zone)
    found = clock.instant(today, 60 * hour, zone)
    return found if found > now else clock.instant(today + timedelta(days=1), 60 * hour, zone)


def sent_on(now: datetime) -> int:
    """Messages of the day, UTC, those under way among them."""
    first = midnight(now)
    return Contact.objects.filter(
        kind=Contact.Kind.MESSAGE, at__gte=first, at__lt=first + timedelta(days=1)
    ).count()


# By X


def ask(outreach: Outreach) -> bool:
    """That X sends it as soon as the rules let it; False where our account is not connected. In a transaction."""
    if not x_messages.is_connected():
        return False
    Outreach.objects.filter(pk=outreach.pk, state=State.APPROVED).update(
        send_after=timezone.now(), send_note=""
    )
    return True


def key_of(outreach: Outreach) -> str:
    return f"social-message:{outreach.pk}"


def deliver(outreach: Outreach, now: datetime) -> None:
    """Not in a transaction. Returns once it has left, now or in an earlier try of a worker that died then.

    Raises NotNow, Never or Permanent where it did not leave, and OutcomeUnknown where nobody knows.
    """
    if Effect.objects.filter(key=key_of(outreach), state=Effect.State.DONE).exists():
        return
    outreach = take(outreach, now)
    try:
        effects.once(key_of(outreach), lambda: _hand_over(outreach))
    except OutcomeUnknown:
        raise
    except Retryable as error:
        _give_back(outreach)
        raise NotNow(str(error), now + timedelta(seconds=error.delay or 300)) from error
    except Permanent:
        _give_back(outreach)
        raise


def _hand_over(outreach: Outreach) -> None:
    try:
        recipient = x_messages.user_id(outreach.lead.handle)
        Outreach.objects.filter(pk=outreach.pk).update(recipient=recipient)
        x_messages.send(recipient, outreach.text)
    except RateLimited as limit:
        raise Retryable(str(limit), delay=limit.seconds) from limit


def _give_back(outreach: Outreach) -> None:
    """Nothing left: the ledger says so again."""
    Contact.objects.filter(outreach=outreach, kind=Contact.Kind.MESSAGE).delete()


def delivered(outreach: Outreach) -> None:
    """In the transaction that ends the job. It may have moved on while it was under way: then it stays where it is."""
    outreach = moves.locked(outreach)
    if outreach.state == State.APPROVED:
        moves.move(outreach, State.SENT, by=None, via="X")


def note(outreach: Outreach, why: str, until: datetime | None) -> None:
    """Why it has not left, for whoever looks; and when it is tried again, if it is."""
    Outreach.objects.filter(pk=outreach.pk, state=State.APPROVED).update(
        send_after=until, send_note=why[:1000]
    )


def due(now: datetime) -> list[int]:
    waiting = Outreach.objects.filter(state=State.APPROVED, send_after__lte=now)
    return list(waiting.order_by("send_after", "pk").values_list("pk", flat=True))


# By hand


@transaction.atomic
def take_by_hand(outreach: Outreach, *, by: User) -> Outreach:
    """A person is going to send it, in X itself, within HAND_OVER. The same rules, and the same row of the ledger."""
    now = timezone.now()
    outreach = moves.locked(outreach)
    _may(outreach, by)
    if not may_be_handed_over(outreach, now):
        raise DomainError(_("This has been taken already. Say whether it was sent."))
    taken = take(outreach, now)
    _renew(outreach, now)
    audit.record(action="outreach.by_hand", target=taken, by=by)
    return taken


@transaction.atomic
def mark_as_sent(outreach: Outreach, *, by: User) -> Outreach:
    """From now on this person is left alone, however long ago it was taken."""
    _may(moves.locked(outreach), by)
    _renew(outreach, timezone.now())
    return moves.move(outreach, State.SENT, by=by)


def may_be_handed_over(outreach: Outreach, now: datetime) -> bool:
    """It is not taken; or it was, by a person who has said nothing since, for too long."""
    taken = Contact.objects.filter(outreach=outreach, kind=Contact.Kind.MESSAGE).first()
    return taken is None or (taken.at <= now - HAND_OVER and not was_tried(outreach))


def is_handed_over(outreach: Outreach, now: datetime) -> bool:
    """Text and link are there for whoever sends it, or looks in X for what became of it."""
    return moves.is_taken(outreach) and not may_be_handed_over(outreach, now)


def was_tried(outreach: Outreach) -> bool:
    """By X, and nobody knows how that ended."""
    return Effect.objects.filter(key=key_of(outreach)).exists()


def _renew(outreach: Outreach, now: datetime) -> None:
    Contact.objects.filter(outreach=outreach, kind=Contact.Kind.MESSAGE).update(at=now, until=now + SILENCE)


@transaction.atomic
def was_not_sent(outreach: Outreach, *, by: User) -> Outreach:
    """A person has looked: what was taken has not left. It can be sent again, or changed."""
    outreach = moves.locked(outreach)
    _may(outreach, by)
    if outreach.state != State.APPROVED or not moves.is_taken(outreach):
        raise DomainError(_("Nothing of this is under way."))
    if effect := Effect.objects.filter(key=key_of(outreach)).first():
        effects.allow_another_try(effect, by=by)
    _give_back(outreach)
    outreach.send_after, outreach.send_note = None, ""
    outreach.save(update_fields=["send_after", "send_note"])
    audit.record(action="outreach.not_sent", target=outreach, by=by)
    return outreach


@transaction.atomic
def try_again(outreach: Outreach, *, by: User) -> None:
    """Ask X once more, after whatever stood in the way."""
    outreach = moves.locked(outreach)
    _may(outreach, by)
    if outreach.state != State.APPROVED or moves.is_taken(outreach) or not ask(outreach):
        raise DomainError(_("X can’t send this now."))
    audit.record(action="outreach.try_again", target=outreach, by=by)


def _may(outreach: Outreach, by: User) -> None:
    """Of a locked row."""
    if not moves.may_decide(by):
        raise PermissionDenied
    if outreach.send_after:
        raise DomainError(_("X sends this by itself."))
    moves.respect_claim(outreach, by)
