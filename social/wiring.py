"""Hangs the parts of outreach into each other: a lead of high potential begins one, an approval sends it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from social import outreach, sending, tasks
from social.models import Lead, Outreach
from social.signals import high_potential_found, outreach_moved, people_forgotten
from social.slack import cards, client


def connect() -> None:
    high_potential_found.connect(_begin, dispatch_uid="social.begin")
    outreach_moved.connect(_send, dispatch_uid="social.send")
    outreach_moved.connect(_show, dispatch_uid="social.show")
    people_forgotten.connect(_take_away, dispatch_uid="social.take_away")


def _begin(leads: Sequence[Lead], **_kwargs: Any) -> None:
    begun = outreach.begin(leads, timezone.now())
    tasks.draft_messages.enqueue_new([(str(row.pk), 0, {"outreach_id": row.pk}) for row in begun])


def _send(outreach: Outreach, **_kwargs: Any) -> None:
    if outreach.state == Outreach.State.APPROVED and sending.ask(outreach):
        tasks.send_message.enqueue(outreach_id=outreach.pk, unique_key=str(outreach.pk))


def _show(outreach: Outreach, **_kwargs: Any) -> None:
    """A key for each move: a job that runs already may have read the row before it."""
    if cards.is_shown(outreach):
        key = f"{outreach.pk}-{outreach.moved_at.timestamp()}"
        tasks.show_card.enqueue(outreach_id=outreach.pk, unique_key=key)


def _take_away(messages: Iterable[str], **_kwargs: Any) -> None:
    if client.has_token():
        for message in messages:
            tasks.take_away.enqueue(message=message)
