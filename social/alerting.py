"""Alerts on their way: to a channel of Slack by kind, or into the inbox in the admin.

A kind goes to Slack where its webhook is set, or a token and its channel. Whatever went out is never sent again; what
surely did not is tried again; and what nobody knows waits, visibly, for a person.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.errors import IllegalMove
from accounts.models import User
from accounts.notices.telling import Telling, tell_all
from jobs import effects
from jobs.errors import Permanent
from jobs.models import Effect
from social.models import Alert, AlertRead
from social.slack import client

LATELY = timedelta(days=30)
KEEP = timedelta(days=90)
State, Channel = Alert.State, Alert.Channel


def goes_to_slack(kind: str) -> bool:
    has_channel = client.has_token() and bool(settings.SOCIAL_SLACK_CHANNELS.get(kind))
    return has_channel or bool(settings.SOCIAL_SLACK_WEBHOOKS.get(kind))


def address(alerts: Iterable[Alert]) -> list[Alert]:
    """Those that Slack is to get; the others are in the inbox at once. In the transaction that stores them."""
    alerts = list(alerts)
    for alert in alerts:
        alert.channel = Channel.SLACK if goes_to_slack(alert.kind) else Channel.INBOX
        if alert.channel == Channel.INBOX:
            alert.state, alert.delivered_at = State.DELIVERED, timezone.now()
    Alert.objects.bulk_update(alerts, ["channel", "state", "delivered_at"])
    return [alert for alert in alerts if alert.channel == Channel.SLACK]


def move(alert: Alert, to: str, **fields: Any) -> None:
    """The one way in which the state of a stored alert changes. In a transaction."""
    now = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if to not in Alert.MOVES[now.state]:
        raise IllegalMove.of(now, to)
    at = timezone.now() if to == State.DELIVERED else None
    Alert.objects.filter(pk=alert.pk).update(state=to, delivered_at=at, **fields)
    alert.state, alert.delivered_at = to, at


def deliver(alert: Alert) -> str:
    """Post it, at most once; what Slack calls the message. Raises as jobs do. Not in a transaction."""
    if not goes_to_slack(alert.kind):
        raise Permanent(_("Slack is not connected for this kind any more."))
    said: list[str] = []
    effects.once(_key(alert), lambda: said.append(_post(alert)))
    return said[0] if said else ""


def _key(alert: Alert) -> str:
    return f"social-alert-{alert.pk}"


@transaction.atomic
def allow_again(alert: Alert, *, by: User) -> None:
    """A person has looked into the channel: it is not there, or twice is better than never."""
    for effect in Effect.objects.filter(key=_key(alert), state=Effect.State.UNKNOWN):
        effects.allow_another_try(effect, by=by)
    move(alert, State.WAITING, error="")
    audit.record(action="alert.retry", target=alert, by=by)


def _post(alert: Alert) -> str:
    message = {"text": slack_text(alert), "unfurl_links": False, "unfurl_media": False}
    if webhook := settings.SOCIAL_SLACK_WEBHOOKS.get(alert.kind):
        client.post_to_webhook(webhook, message)
        return ""
    return client.post(settings.SOCIAL_SLACK_CHANNELS[alert.kind], **message)


# Words


def title(alert: Alert) -> str:
    """One line, in the active language. Facts may be missing."""
    facts, city = alert.facts, str(alert.market or "")
    match alert.event:
        case "viral":
            return _("@%(handle)s goes viral: %(city)s") % {"handle": facts.get("handle", ""), "city": city}
        case "high_potential":
            return _("@%(handle)s could become a local expert: %(city)s") % {
                "handle": facts.get("handle", ""),
                "city": city,
            }
        case "ideas":
            count = int(facts.get("count") or 0)
            return ngettext("%(count)s new idea: %(city)s", "%(count)s new ideas: %(city)s", count) % {
                "count": count,
                "city": city,
            }
    return str(facts.get("title") or alert.key)


def lines(alert: Alert) -> list[str]:
    """What else is known, a line each."""
    facts = alert.facts
    match alert.event:
        case "viral":
            figures = _("%(likes)s likes, %(reposts)s reposts, %(views)s views") % {
                name: _figure(facts.get(name)) for name in ("likes", "reposts", "views")
            }
            told = _("A model told these numbers; nobody has measured them.") if facts.get("told") else ""
            found = (str(facts.get("text") or ""), figures, told, str(facts.get("link") or ""))
            return [one for one in found if one]
        case "high_potential":
            figures = _("%(followers)s followers, %(engagement)s %% engagement") % {
                name: _figure(facts.get(name)) for name in ("followers", "engagement")
            }
            return [one for one in (figures, str(facts.get("why") or "")) if one]
        case "ideas":
            return [str(one) for one in facts.get("titles") or ()]
    return [str(facts["text"])] if facts.get("text") else []


def _figure(value: Any) -> str:
    if value is None:
        return _("unknown")
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


def slack_text(alert: Alert) -> str:
    """Nothing in it can mention a channel or a person: Slack reads those between < and > alone."""
    parts = [f"*{_plain(title(alert))}*", *(_plain(Truncator(one).chars(600)) for one in lines(alert))]
    if alert.url:
        parts.append(settings.SITE_URL + alert.url)
    return "\n".join(parts)


def _plain(text: str) -> str:
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())


# The inbox


def for_inbox(user: User, now: datetime) -> "QuerySet[Alert]":
    """What somebody of the staff has not read: what came into the inbox, and what failed to reach Slack."""
    read = AlertRead.objects.filter(alert=OuterRef("pk"), user=user)
    lately = Alert.objects.filter(created_at__gt=now - LATELY)
    return lately.filter(Q(channel=Channel.INBOX) | Q(state=State.FAILED)).filter(~Exists(read))


def unread(user: User, now: datetime) -> dict[str, int]:
    """By kind; kinds without any are left out."""
    rows = for_inbox(user, now).order_by().values_list("kind").annotate(count=Count("pk"))
    return dict(rows)


def mark_read(alerts: Iterable[Alert], user: User) -> None:
    AlertRead.objects.bulk_create(
        (AlertRead(alert=alert, user=user) for alert in alerts), ignore_conflicts=True
    )


def readers() -> list[User]:
    """Staff whose roles let them see the inbox."""
    may = Permission.objects.filter(content_type__app_label="social", codename="view_alert")
    staff = User.objects.filter(is_staff=True, is_active=True)
    return list(staff.filter(Exists(may.filter(group__user=OuterRef("pk")))).order_by("pk"))


def tell_unread(people: Sequence[User], url: str, now: datetime) -> int:
    """Each of the staff who has unread alerts hears of them once a day, by default in the daily mail."""
    tellings = []
    for user in people:
        if counts := unread(user, now):
            tellings.append(
                Telling(
                    user=user,
                    kind="social.alerts",
                    key=f"social.alerts-{now:%Y-%m-%d}",
                    facts=counts,
                    url=url,
                )
            )
    with transaction.atomic():
        return len(tell_all(tellings)) if tellings else 0


def forget_old(now: datetime) -> list[str]:
    """What Slack calls those that were posted there: they go with their rows, which alone know them."""
    old = Alert.objects.filter(created_at__lt=now - KEEP).exclude(state=State.WAITING)
    messages = list(old.exclude(message_id="").values_list("message_id", flat=True))
    old.delete()
    return messages
