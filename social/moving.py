"""The move of a row that a person makes by its MOVES alone: an idea's, a campaign's."""

from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from social.models import Campaign, Idea

Row = TypeVar("Row", Idea, Campaign)


@transaction.atomic
def move(row: Row, to: str, *, by: User, reason: str, asks_why: str) -> Row:
    """The row as it is now, taken to this state. Raises IllegalMove; DomainError where `asks_why` has no reason."""
    row = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if to not in row.MOVES[row.state]:
        raise IllegalMove.of(row, to)
    if to == asks_why and not reason.strip():
        raise DomainError(_("Say why, so that others do not wonder."))
    before, row.state = row.state, to
    row.save(update_fields=["state"])
    noted = reason.strip()[:300]
    action = f"{row._meta.model_name}.{to}"
    audit.record(action=action, target=row, by=by, before=before, after=to, reason=noted)
    return row
