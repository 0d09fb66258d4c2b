import smtplib
import threading

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import OperationalError, connection, transaction

from accounts import audit
from accounts.errors import IllegalMove
from jobs.effects import allow_another_try, once, send_mail
from jobs.errors import OutcomeUnknown, Permanent, Retryable
from jobs.models import Effect
from tests.factories import make_user

pytestmark = pytest.mark.django_db
State = Effect.State


def failing(error):
    def act():
        raise error

    return act


def test_it_happens_once():
    done = []
    once("mail:1", lambda: done.append(1))
    once("mail:1", lambda: done.append(2))
    once("mail:2", lambda: done.append(3))
    assert done == [1, 3]


@pytest.mark.parametrize("error", [Retryable("busy"), Permanent("no such address")])
def test_what_surely_did_not_happen_may_be_tried_again(error):
    done = []
    with pytest.raises(type(error)):
        once("mail:1", failing(error))
    once("mail:1", lambda: done.append(1))
    assert done == [1]


def test_after_an_odd_end_nobody_knows_and_it_is_not_tried_again():
    done = []
    with pytest.raises(OutcomeUnknown, match="TimeoutError"):
        once("mail:1", failing(TimeoutError("no answer")))
    with pytest.raises(OutcomeUnknown):
        once("mail:1", lambda: done.append(1))
    effect = Effect.objects.get()
    assert (done, effect.state, effect.error) == ([], State.UNKNOWN, "TimeoutError: no answer")


def test_who_does_not_know_either_frees_no_key():
    with pytest.raises(OutcomeUnknown):
        once("mail:1", failing(OutcomeUnknown("the provider lost our call")))
    assert Effect.objects.get().state == State.UNKNOWN


@pytest.mark.parametrize("text", ["a\0b", "caf\udce9", "x" * 5000])
def test_whatever_the_error_says_the_effect_is_marked(text):
    with pytest.raises(OutcomeUnknown):
        once("mail:1", failing(ValueError(text)))
    assert Effect.objects.get().state == State.UNKNOWN


def test_a_done_effect_that_could_not_be_noted_is_not_repeated(monkeypatch):
    done = []

    def no_update(*_, **__):
        raise OperationalError("the database is gone")

    with monkeypatch.context() as broken:
        broken.setattr("django.db.models.QuerySet.update", no_update)
        with pytest.raises(OperationalError):
            once("mail:1", lambda: done.append(1))
    with pytest.raises(OutcomeUnknown):
        once("mail:1", lambda: done.append(2))
    assert done == [1]


def test_after_a_try_that_was_killed_it_is_not_tried_again():
    Effect.objects.create(key="mail:1")
    done = []
    with pytest.raises(OutcomeUnknown):
        once("mail:1", lambda: done.append(1))
    assert (done, Effect.objects.get().state) == ([], State.UNKNOWN)


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_it_is_refused():
    done = []
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        once("mail:1", lambda: done.append(1))
    assert done == []


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_does_it():
    done = []
    start = threading.Barrier(5)

    def try_it():
        start.wait()
        try:
            once("mail:1", lambda: done.append(1))
        except OutcomeUnknown:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (done, Effect.objects.get().state) == ([1], State.DONE)


def test_a_person_may_allow_another_try():
    staff, done = make_user(), []
    effect = Effect.objects.create(key="mail:1", state=State.UNKNOWN, error="cut off")
    allow_another_try(effect, by=staff)
    once("mail:1", lambda: done.append(1))
    event = audit.history(effect).get()
    assert (done, event.action, event.actor, event.detail["error"]) == ([1], "effect.retry", staff, "cut off")


@pytest.mark.parametrize("state", [State.TRIED, State.DONE])
def test_nobody_may_repeat_what_happened_or_is_under_way(state):
    effect = Effect.objects.create(
        key="mail:1", state=state, done_at="2026-01-01T00:00Z" if state == State.DONE else None
    )
    with pytest.raises(IllegalMove):
        allow_another_try(effect, by=make_user())
    assert Effect.objects.get() == effect


# Mail


def message():
    return EmailMessage("Welcome", "Hello", to=["ada@example.com"])


@pytest.fixture
def server(monkeypatch):
    """Let the mail server answer with an error: `server("open", error)` or `server("send_messages", error)`."""

    def answer(call, error):
        monkeypatch.setattr(
            f"django.core.mail.backends.locmem.EmailBackend.{call}", lambda *_: failing(error)()
        )

    return answer


def test_a_mail_is_sent_once():
    send_mail("mail:1", message())
    send_mail("mail:1", message())
    assert [sent.subject for sent in mail.outbox] == ["Welcome"]


def test_a_server_that_is_away_is_tried_again_later(server):
    server("open", ConnectionRefusedError("refused"))
    with pytest.raises(Retryable, match="refused"):
        send_mail("mail:1", message())
    assert Effect.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (smtplib.SMTPDataError(451, b"try later"), Retryable),
        (smtplib.SMTPDataError(554, b"spam"), Permanent),
        (smtplib.SMTPSenderRefused(421, b"busy", "a@b"), Retryable),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"full")}), Retryable),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"unknown")}), Permanent),
        (smtplib.SMTPServerDisconnected("cut off"), OutcomeUnknown),
        (TimeoutError("no answer"), OutcomeUnknown),
    ],
)
def test_the_answer_of_the_server_decides(server, answer, outcome):
    server("send_messages", answer)
    with pytest.raises(outcome) as raised:
        send_mail("mail:1", message())
    assert raised.type is outcome
    assert Effect.objects.filter(state=State.UNKNOWN).exists() == (outcome is OutcomeUnknown)


def test_a_mail_that_was_taken_is_sent_however_the_goodbye_goes(server):
    server("close", TimeoutError("no goodbye"))
    send_mail("mail:1", message())
    assert Effect.objects.get().state == State.DONE


def test_a_refusal_stays_one_however_the_goodbye_goes(server):
    server("send_messages", smtplib.SMTPDataError(451, b"try later"))
    server("close", TimeoutError("no goodbye"))
    with pytest.raises(Retryable, match="try later"):
        send_mail("mail:1", message())
