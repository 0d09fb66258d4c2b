"""What a press in Slack means: whoever it was decides by the same function as in the admin, or is told why not."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from jobs.errors import OutcomeUnknown, Permanent, Retryable
from social import moves, phrasing
from social.models import Outreach, SlackPress, SlackUser
from social.slack import cards, client

State = Outreach.State
Act = SlackPress.Act
KEEP = timedelta(days=7)
# What opens a window to ask for more, and what the window then does.
ASKS = {Act.ASK_TEXT: Act.CUSTOMISE, Act.ASK_REASON: Act.SKIP}


@dataclass(frozen=True)
class Read:
    """A request of Slack that asks us for something."""

    act: str
    slack_id: str
    outreach_id: int
    given: dict[str, str] = field(default_factory=dict)


def read(payload: dict[str, Any]) -> Read | None:
    """None for what is no press of ours: a choice that is not sent off yet, a link, something malformed."""
    try:
        return _submission(payload) if payload.get("type") == "view_submission" else _button(payload)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _button(payload: dict[str, Any]) -> Read | None:
    if payload.get("type") != "block_actions":
        return None
    pressed = payload["actions"][0]
    if pressed["action_id"] not in {Act.APPROVE, *ASKS}:
        return None
    pk, seen = _row(pressed["value"])
    given = {
        "seen": seen,
        "choice": _chosen(payload),
        "trigger": str(payload.get("trigger_id") or "")[:200],
        "channel": str((payload.get("channel") or {}).get("id") or "")[:30],
        "at": str((payload.get("message") or {}).get("ts") or "")[:30],
    }
    return Read(pressed["action_id"], str(payload["user"]["id"])[:30], pk, given)


def _submission(payload: dict[str, Any]) -> Read | None:
    view = payload["view"]
    if view["callback_id"] not in {Act.CUSTOMISE, Act.SKIP}:
        return None
    pk, seen = _row(view["private_metadata"])
    said = str(view["state"]["values"]["said"]["text"]["value"] or "")[:1000]
    return Read(view["callback_id"], str(payload["user"]["id"])[:30], pk, {"seen": seen, "said": said})


def _row(value: str) -> tuple[int, str]:
    pk, _colon, seen = value.partition(":")
    if seen not in State.values or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        raise ValueError
    return int(pk), seen


def _chosen(payload: dict[str, Any]) -> str:
    values = (payload.get("state") or {}).get("values") or {}
    option = ((values.get("choice") or {}).get("choose") or {}).get("selected_option") or {}
    return str(option.get("value") or "")[:30]


def mistakes(found: Read) -> list[str]:
    """What a window can be told at once, while it is still open."""
    said = found.given.get("said", "")
    if found.act == Act.SKIP:
        return [] if said.strip() else [_("Say why.")]
    if found.act == Act.CUSTOMISE:
        return [phrasing.said(one) for one in phrasing.problems_of_any(said.strip())]
    return []


# Who somebody is


@transaction.atomic
def confirm(row: SlackUser, typed: str, *, by: User) -> SlackUser:
    """Staff say themselves who they are in Slack: whoever keeps the list can't let one decide as another."""
    row = SlackUser.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.user_id != by.pk:
        raise PermissionDenied
    if row.slack_id != typed.strip():
        raise DomainError(_("This is not the id of this row. Have it corrected where it is not yours."))
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at"])
    audit.record(action="slack.confirm", target=row, by=by, slack_id=row.slack_id)
    return row


# The work


def note_message(press: SlackPress) -> None:
    """A button was pressed in the message: where its post was answered to nobody, this is how it is known."""
    channel, at = press.given.get("channel"), press.given.get("at")
    if not (channel and at):
        return
    # In the order of the move that may follow, or two presses wait for each other.
    row = moves.locked(press.outreach)
    if not row.slack_message:
        Outreach.objects.filter(pk=row.pk).update(slack_message=f"{channel} {at}")


def staff_of(slack_id: str) -> User | None:
    """Nobody decides who is not known as one of the staff that may, by their own word."""
    confirmed = SlackUser.objects.select_related("user").filter(confirmed_at__isnull=False)
    known = confirmed.filter(slack_id=slack_id).first()
    return known.user if known and moves.may_decide(known.user) else None


def ask(press: SlackPress) -> str:
    """Open the window; or why not. Not in a transaction: a trigger lasts three seconds."""
    outreach = press.outreach
    if staff_of(press.slack_id) is None:
        return _not_known()
    if outreach.state != press.given["seen"]:
        return _("This has been decided meanwhile: %(what)s") % {"what": cards.who_did_what(outreach)}
    form = cards.form(outreach, ASKS[Act(press.act)], press.given["seen"])
    try:
        client.call("views.open", trigger_id=press.given["trigger"], view=form)
    except (Permanent, Retryable):
        return _("The window could not be opened. Decide here: %(url)s") % {"url": cards.admin_url(outreach)}
    return ""


def decide(press: SlackPress) -> str:
    """Make the move; or why not. In a transaction."""
    by = staff_of(press.slack_id)
    if by is None:
        return _not_known()
    try:
        _move(press, by)
    except (DomainError, PermissionDenied) as error:
        return str(error) or _not_known()
    return ""


def _move(press: SlackPress, by: User) -> None:
    given = press.given
    told = {"by": by, "seen": given["seen"], "via": "Slack"}
    match press.act:
        case Act.APPROVE:
            text = cards.text_by(press.outreach, given["choice"]) if given["choice"] else ""
            if given["choice"] and not text:
                raise DomainError(_("This text is not there any more. Read it again, then approve it."))
            moves.move(press.outreach, State.APPROVED, text=text, **told)
        case Act.CUSTOMISE:
            moves.move(press.outreach, State.CUSTOMISED, text=given["said"], **told)
        case Act.SKIP:
            moves.move(press.outreach, State.SKIPPED, reason=given["said"], **told)


def _not_known() -> str:
    return _("Your Slack account is not linked to a member of staff who may decide this.")


def answered(press: SlackPress, outcome: str) -> None:
    SlackPress.objects.filter(pk=press.pk).update(answered_at=timezone.now(), outcome=outcome)


def tell(press: SlackPress) -> None:
    """Whoever pressed, and nobody else, reads what came of it. Twice does no harm, never does."""
    channel = press.given.get("channel") or settings.SOCIAL_SLACK_CHANNEL
    try:
        client.call("chat.postEphemeral", channel=channel, user=press.slack_id, text=press.outcome)
    except OutcomeUnknown as error:
        raise Retryable(str(error)) from error


def forget_old(now: datetime) -> None:
    SlackPress.objects.filter(at__lt=now - KEEP).delete()
