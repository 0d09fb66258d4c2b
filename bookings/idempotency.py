"""A creating request, sent twice, makes one row."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import User
from bookings.models import IdempotencyKey

Row = TypeVar("Row", bound=models.Model)
Keep = Callable[[models.Model], None]
SPACE = 0x69646D70  # "idmp": of advisory locks
LONGEST_KEY = 200


class KeyReused(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("This form was sent before with other answers. Go back, load the page again and send it anew.")
        )


class InFlight(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("Your first click is still being worked on. Wait a moment, then send the form again.")
        )


@transaction.atomic
def once(*, by: User, key: str, body: Mapping[str, Any], act: Callable[[Keep], Row]) -> Row:
    """What `act` makes, or made when this person last used the key. It tells `keep` as soon as the row has a number,
    written or not: before it takes a lock that others wait for.

    KeyReused: the same key asks for something else. InFlight: another request with it has not ended. What fails
    leaves nothing behind, the key included, so that it can be tried again; and a process that dies at work lets go of
    its key with its connection.
    """
    if not key or len(key) > LONGEST_KEY:
        raise DomainError(_("The request has no valid key. Load the page again."))
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    if not _alone(by, key):
        raise InFlight
    if answered := IdempotencyKey.objects.filter(user=by, key=key).first():
        if answered.body != digest:
            raise KeyReused
        model: Any = apps.get_model(answered.answer_type)
        found: Row = model._default_manager.get(pk=answered.answer_id)
        return found

    def keep(made: models.Model) -> None:
        IdempotencyKey.objects.create(
            user=by, key=key, body=digest, answer_type=made._meta.label_lower, answer_id=made.pk
        )

    return act(keep)


def _alone(by: User, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [SPACE, f"{by.pk}:{key}"])
        (alone,) = cursor.fetchone()
    return bool(alone)
