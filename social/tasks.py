from collections.abc import Iterable

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from jobs.durable import DurableTask
from jobs.errors import Permanent, Retryable, text_of
from markets.models import Market
from social import alerting, ideas, rounds, sources
from social.models import Alert, IdeaRound, Run


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
        found = rounds.look(run, source, now)
    except Permanent as error:  # nothing that another attempt would change
        with self.finishing():
            rounds.move(run, Run.State.SKIPPED, note=str(error))
        return
    with self.finishing():
        rounds.store_posts(run, source, found, now)
        read_trends.enqueue(run_id=run.pk, unique_key=str(run.pk))


# Two questions of 180 s at most each.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=480, max_attempts=4, on_dead=round_failed)
def read_trends(self: DurableTask, run_id: int) -> None:
    """The second half: trends and leads."""
    run = Run.objects.select_related("market__monitor").filter(pk=run_id, state=Run.State.READ).first()
    if run is None:
        return
    now = timezone.now()
    reading, finding = rounds.think(run, now)
    with self.finishing():
        rounds.store_thoughts(run, reading, finding, now)


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
    written = ideas.write(round_.market, room=rounds.room_of(round_.market, now), now=now)
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
        alerting.move(alert, Alert.State.DELIVERED, message_id=message_id, error="")


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
    if not sources.connected():
        return
    for monitor in rounds.due(now):
        with transaction.atomic():
            if run := rounds.begin(monitor, now):
                read_posts.enqueue(run_id=run.pk, unique_key=str(run.pk))


@shared_task
def forget_old() -> None:
    now = timezone.now()
    rounds.forget_old(now)
    alerting.forget_old(now)
