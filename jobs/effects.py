"""At most once: what leaves the system, and cannot be rolled back."""

import contextlib
import smtplib
from collections.abc import Callable

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.errors import IllegalMove
from accounts.models import User
from jobs.errors import OutcomeUnknown, Permanent, Retryable, failure_of, text_of
from jobs.models import Effect


def once(key: str, act: Callable[[], object]) -> None:
    """Do it unless it was done. The key is stored before the try, so no death of any part causes a second one.

    `act` raises Retryable or Permanent when it surely did not happen, and the key is free again. After any other
    end, OutcomeUnknown among them, nobody knows: this and every later call raise OutcomeUnknown until a person
    decides. Not in a transaction.
    """
    with transaction.atomic(durable=True):
        effect, new = Effect.objects.get_or_create(key=key)
    if effect.state == Effect.State.DONE:
        return
    if not new:
        raise _unknown(effect, "an earlier try ended without an outcome")
    failure = failure_of(act)
    if isinstance(failure, Retryable | Permanent) and not isinstance(failure, OutcomeUnknown):
        effect.delete()
        raise failure
    if failure:  # whatever it is, it may have come after the act
        raise _unknown(effect, text_of(failure)) from failure
    Effect.objects.filter(pk=effect.pk).update(state=Effect.State.DONE, done_at=Now(), error="")


def send_mail(key: str, message: EmailMessage) -> None:
    """Send this mail at most once for the key."""
    once(key, lambda: _hand_over(message))


@transaction.atomic
def allow_another_try(effect: Effect, *, by: User) -> None:
    """A person has looked: it did not happen, or twice is better than never."""
    if not Effect.objects.filter(pk=effect.pk, state=Effect.State.UNKNOWN).delete()[0]:
        raise IllegalMove(now=effect.get_state_display(), asked="new", allowed=[])
    audit.record(action="effect.retry", target=effect, by=by, key=effect.key, error=effect.error)


def _unknown(effect: Effect, error: str) -> OutcomeUnknown:
    tried = Effect.objects.filter(pk=effect.pk, state=Effect.State.TRIED)
    tried.update(state=Effect.State.UNKNOWN, error=error)
    return OutcomeUnknown(f"{effect.key}: {error}")


def _hand_over(message: EmailMessage) -> None:
    message.connection = get_connection()
    try:
        message.connection.open()
    except OSError as error:  # smtplib's own errors are OSErrors too
        raise Retryable(f"The mail server is away: {error}") from error
    try:
        message.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise _refusal(error) from error
    finally:
        with contextlib.suppress(
            OSError
        ):  # what became of the mail is known by now, however the goodbye goes
            message.connection.close()


def _refusal(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> Retryable | Permanent:
    """An answer of the server means that it has not taken the mail: 4xx for now, 5xx for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
    else:
        codes = [error.smtp_code]
    return Permanent(str(error)) if max(codes) >= 500 else Retryable(str(error))
