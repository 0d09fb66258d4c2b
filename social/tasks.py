from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import User
from jobs.durable import DurableTask
from jobs.errors import OutcomeUnknown, Permanent, Retryable, text_of
from markets.models import Market
from social import (
    alerting,
    asking,
    budget,
    ideas,
    outreach,
    posts,
    replies,
    rounds,
    sending,
    sources,
    trends,
    x_messages,
)
from social.models import Alert, IdeaRound, Monitor, Outreach, Run, SlackPress
from social.slack import cards, presses
from social.sources.x_api import RateLimited


def round_failed(*, run_id: int) -> None:
    rounds.give_up(run_id)


# A source may have many pages and waits for limits; each of its calls has a time-out of its own.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=600, max_attempts=4, on_dead=round_failed)
def read_posts(self: DurableTask, run_id: int) -> None:
    """The first half of a round: posts, their metrics, viral moments."""
    run = Run.objects.select_related("market__monitor").filter(pk=run_id, state=Run.State.QUEUED).first()
    if run is None:
        return
    now = timezone.now()
    try:
        source = sources.chosen()
        looked = rounds.look(run, source, now)
    except Permanent as error:  # nothing that another attempt would change
        with self.finishing():
            rounds.move(run, Run.State.SKIPPED, note=str(error))
        return
    with self.finishing():
        rounds.store_posts(run, source, looked, now)
        read_trends.enqueue(run_id=run.pk, unique_key=str(run.pk))


# Two questions of 180 s at most each.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=480, max_attempts=4, on_dead=round_failed)
def read_trends(self: DurableTask, run_id: int) -> None:
    """The second half: trends and leads."""
    run = Run.objects.select_related("market__monitor").filter(pk=run_id, state=Run.State.READ).first()
    if run is None:
        return
    now = timezone.now()
    thoughts = rounds.think(run, now)
    with self.finishing():
        rounds.store_thoughts(run, thoughts, now)


def think_of_imported(monitor: Monitor, now: datetime, *, slot: datetime | None = None) -> None:
    """In the transaction that stores the posts. Where a round is under way beat asks again after it."""
    if run := rounds.begin_to_think(monitor, now, slot=slot):
        read_trends.enqueue(run_id=run.pk, unique_key=str(run.pk))


@shared_task(base=DurableTask, bind=True, lease=120)
def recount_trends(self: DurableTask, market_id: int) -> None:
    """After staff have merged or split."""
    now = timezone.now()
    with self.finishing():
        for market in Market.objects.filter(pk=market_id):
            trends.recount(market, posts.recent(market, now), now)


def draft_failed(*, outreach_id: int) -> None:
    outreach.give_up(outreach_id, _("No messages could be written. Write one, or skip this person."))


# Two questions of 180 s at most each.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=480, max_attempts=4, on_dead=draft_failed)
def draft_messages(self: DurableTask, outreach_id: int) -> None:
    found = Outreach.objects.select_related("lead__author", "lead__market")
    row = found.filter(pk=outreach_id, state=Outreach.State.IDENTIFIED).first()
    if row is None:
        return
    try:
        with budget.charged(
            row.lead.market, budget.What.ASKING, 2 * asking.MOST_USD, timezone.now()
        ) as charge:
            written = outreach.write(row, room=charge.usd)
            charge.settle(written.cost)
    except Permanent as error:  # nothing that another attempt would change
        with self.finishing():
            outreach.give_up(row.pk, str(error))
        return
    with self.finishing():
        outreach.store(row, written)


def sending_failed(*, outreach_id: int) -> None:
    for row in Outreach.objects.filter(pk=outreach_id):
        sending.note(row, _("Sending failed several times. Try again, or send it by hand."), None)


# Two calls of 25 s at most each.
@shared_task(base=DurableTask, bind=True, lease=90, on_dead=sending_failed)
def send_message(self: DurableTask, outreach_id: int) -> None:
    row = (
        Outreach.objects.select_related("lead__author", "lead__market")
        .filter(pk=outreach_id, state=Outreach.State.APPROVED, send_after__isnull=False)
        .first()
    )
    if row is None:
        return
    why, until = "", None
    try:
        sending.deliver(row, timezone.now())
    except sending.NotNow as error:
        why, until = str(error), error.until
    except OutcomeUnknown:
        why = _("Nobody knows whether it arrived. Look in X, then say whether it was sent.")
    except (DomainError, Permanent) as error:
        why = str(error)
    with self.finishing():
        if why:
            sending.note(row, why, until)
        else:
            sending.delivered(row)


@shared_task
def ask_to_send() -> None:
    """What beat sends each minute: approved messages whose time has come."""
    for pk in sending.due(timezone.now()):
        with transaction.atomic():
            send_message.enqueue(outreach_id=pk, unique_key=str(pk))


# Ten pages of 25 s at most.
@shared_task(base=DurableTask, bind=True, lease=300, max_attempts=3)
def read_replies(self: DurableTask) -> None:
    try:
        found = replies.read()
    except RateLimited as limit:
        raise Retryable(str(limit), delay=limit.seconds) from limit
    with self.finishing():
        replies.store(found)


@shared_task
def ask_for_replies() -> None:
    if x_messages.is_connected():
        with transaction.atomic():
            read_replies.enqueue(unique_key="replies")


# A trigger of Slack's lasts three seconds: nothing stands before it.
@shared_task(base=DurableTask, bind=True, lease=30)
def work_press(self: DurableTask, press_id: int) -> None:
    press = (
        SlackPress.objects.select_related("outreach__lead__author", "outreach__lead__market")
        .filter(pk=press_id, answered_at=None)
        .first()
    )
    if press is None:
        return
    asks = press.act in presses.ASKS
    outcome = presses.ask(press) if asks else ""
    with self.finishing():
        presses.note_message(press)
        outcome = outcome if asks else presses.decide(press)
        presses.answered(press, outcome)
        if outcome:
            tell_presser.enqueue(press_id=press.pk, unique_key=str(press.pk))
            show_card.enqueue(outreach_id=press.outreach_id, unique_key=f"{press.outreach_id}-{press.pk}")


@shared_task(base=DurableTask, bind=True, lease=30)
def tell_presser(self: DurableTask, press_id: int) -> None:
    if press := SlackPress.objects.filter(pk=press_id).first():
        presses.tell(press)


@shared_task(base=DurableTask, bind=True, lease=30)
def show_card(self: DurableTask, outreach_id: int) -> None:
    """The message in Slack as the row is now: however many moves it was for, the last one stands there."""
    row = (
        Outreach.objects.select_related("lead__author", "lead__market", "approved_by")
        .filter(pk=outreach_id)
        .first()
    )
    if row is None or not cards.is_shown(row):
        return
    shown = cards.show(row)
    with self.finishing():
        kept = Outreach.objects.filter(pk=row.pk)
        if not kept.update(slack_message=shown):  # erased meanwhile
            if shown:
                take_away.enqueue(message=shown)
        elif moved := kept.exclude(moved_at=row.moved_at).values_list("moved_at", flat=True).first():
            key = f"{row.pk}-after-{moved.timestamp()}"
            show_card.enqueue(outreach_id=row.pk, unique_key=key)


@shared_task(base=DurableTask, bind=True, lease=30)
def take_away(self: DurableTask, message: str) -> None:
    cards.take_away(message)


def ideas_failed(*, round_id: int) -> None:
    for round_ in IdeaRound.objects.select_for_update().filter(pk=round_id, state=IdeaRound.State.WAITING):
        ideas.end(round_, IdeaRound.State.FAILED, _("No outcome after several attempts."))


# One question of 180 s at most.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=300, max_attempts=4, on_dead=ideas_failed)
def write_ideas(self: DurableTask, round_id: int) -> None:
    round_ = (
        IdeaRound.objects.select_related("market").filter(pk=round_id, state=IdeaRound.State.WAITING).first()
    )
    if round_ is None:
        return
    now = timezone.now()
    with budget.charged(round_.market, budget.What.ASKING, asking.MOST_USD, now) as charge:
        written = ideas.write(round_.market, room=charge.usd, now=now)
        charge.settle(written.cost)
    with self.finishing():
        ideas.store(round_, written, now)


def ask_ideas(market: Market, *, by: User | None = None) -> IdeaRound | None:
    """A round of ideas with its job; None where one is under way. In a transaction."""
    round_ = ideas.begin(market, by=by)
    if round_:
        write_ideas.enqueue(round_id=round_.pk, unique_key=str(round_.pk))
    return round_


@shared_task
def ask_for_ideas() -> None:
    for market in ideas.due(timezone.now()):
        with transaction.atomic():
            ask_ideas(market)


def alert_failed(*, alert_id: int) -> None:
    """It stands in the inbox from now on, with what went wrong."""
    for alert in Alert.objects.filter(pk=alert_id, state=Alert.State.WAITING):
        error = alert.error or _("It could not be sent, and nobody noted why.")
        alerting.move(alert, Alert.State.FAILED, error=error)


@shared_task(base=DurableTask, bind=True, lease=60, max_attempts=8, on_dead=alert_failed)
def deliver_alert(self: DurableTask, alert_id: int) -> None:
    waiting = Alert.objects.filter(pk=alert_id, state=Alert.State.WAITING)
    alert = waiting.select_related("market").first()
    if alert is None:
        return
    waiting.update(attempts=F("attempts") + 1)
    try:
        message_id = alerting.deliver(alert)
    except (Retryable, Permanent) as error:
        waiting.update(error=text_of(error))
        raise
    with self.finishing():
        if Alert.objects.filter(pk=alert.pk).exists():
            alerting.move(alert, Alert.State.DELIVERED, message_id=message_id, error="")
        elif message_id:  # erased meanwhile
            take_away.enqueue(message=message_id)


def address(alerts: Iterable[Alert]) -> None:
    """Of rows that are new: those for Slack get a job each. In the transaction that stores them."""
    for alert in alerting.address(alerts):
        deliver_alert.enqueue(alert_id=alert.pk, unique_key=str(alert.pk))


@transaction.atomic
def send_again(alert: Alert, *, by: User) -> None:
    alerting.allow_again(alert, by=by)
    deliver_alert.enqueue(alert_id=alert.pk, unique_key=str(alert.pk))


@shared_task
def ask_to_tell_unread() -> None:
    inbox = reverse("admin:social_alert_changelist")
    alerting.tell_unread(alerting.readers(), inbox, timezone.now())


@shared_task
def ask_for_rounds() -> None:
    """What beat sends each minute. A message that is lost is no matter: the next one asks for the same rounds."""
    now = timezone.now()
    rounds.watch_new_markets()
    connected = sources.connected()
    for monitor in rounds.due(now):
        with transaction.atomic():
            if not connected:
                if monitor.unread:
                    think_of_imported(monitor, now, slot=monitor.slot(now))
            elif run := rounds.begin(monitor, now):
                read_posts.enqueue(run_id=run.pk, unique_key=str(run.pk))


@shared_task
def forget_old() -> None:
    now = timezone.now()
    rounds.forget_old(now)
    with transaction.atomic():
        for message in alerting.forget_old(now):
            take_away.enqueue(message=message)
    presses.forget_old(now)
