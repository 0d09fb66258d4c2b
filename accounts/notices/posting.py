"""A mail's way out: under way, then sent, failed or dropped. A failed one goes out again when staff say so."""

from collections.abc import Sequence

from celery import shared_task
from django.db import transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.errors import IllegalMove
from accounts.models import NoticeMail, User
from accounts.notices import mails
from jobs import effects, services
from jobs.durable import DurableTask
from jobs.errors import failure_of, text_of
from jobs.models import Effect, Job

State = NoticeMail.State
OPEN = (State.DUE, State.FAILED)  # failed: a dead letter that is replayed, or an outcome that came late


def effect_key(mail: NoticeMail) -> str:
    return f"notice-mail-{mail.pk}"


def give_up(mail_id: int) -> None:
    """The job is a dead letter."""
    NoticeMail.objects.filter(pk=mail_id, state=State.DUE).update(state=State.FAILED)


# Twelve attempts take an hour: a mail server that restarts or moves is back by then.
@shared_task(base=DurableTask, queue="mail", lease=60, max_attempts=12, on_dead=give_up)
def send_notice_mail(mail_id: int) -> None:
    """Hand the mail to the server, once. What it raises is in the row as well, where staff see it."""
    mail = NoticeMail.objects.select_related("user").filter(pk=mail_id, state__in=OPEN).first()
    if not mail:  # sent, or its account was deleted
        return
    message = mails.message_of(mail)
    if not message:
        _leave(mail, state=State.DROPPED)
        return
    failure = failure_of(lambda: effects.send_mail(effect_key(mail), message))
    if failure:
        _leave(mail, error=text_of(failure))
        raise failure
    _leave(mail, state=State.SENT, sent_at=Now(), error="")


def ask(mail: NoticeMail) -> None:
    """Once more, in the transaction that decides so."""
    send_notice_mail.enqueue(mail_id=mail.pk, unique_key=str(mail.pk))


def ask_all(mails: Sequence[tuple[NoticeMail, float]]) -> None:
    """In the transaction that makes them; each goes out after so many seconds."""
    send_notice_mail.enqueue_new([(str(mail.pk), patience, {"mail_id": mail.pk}) for mail, patience in mails])


@transaction.atomic
def send_again(mail: NoticeMail, *, by: User) -> None:
    """Give a failed mail a fresh set of attempts, also where nobody knows whether it arrived: twice is better than
    never, and a person has decided so. IllegalMove: it has not failed.
    """
    mail = NoticeMail.objects.select_for_update().get(pk=mail.pk)
    if mail.state != State.FAILED:
        raise IllegalMove(now=mail.get_state_display(), asked=str(State.DUE.label), allowed=[])
    for effect in Effect.objects.filter(key=effect_key(mail), state=Effect.State.UNKNOWN):
        effects.allow_another_try(effect, by=by)
    audit.record(action="notice_mail.send_again", target=mail, by=by, error=mail.error)
    mail.state = State.DUE
    mail.save(update_fields=["state"])
    dead = Job.objects.filter(state=Job.State.DEAD, kind=send_notice_mail.name, unique_key=str(mail.pk))
    if job := dead.order_by("-pk").first():
        services.replay(job, by=by)
    else:
        ask(mail)


def _leave(mail: NoticeMail, **fields: object) -> None:
    NoticeMail.objects.filter(pk=mail.pk, state__in=OPEN).update(**fields)
