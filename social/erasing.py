"""What is held about somebody on a social network, taken away. A number stays, so that nobody reads it in again."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from social.fingerprints import number
from social.models import Alert, Author, Contact, Outreach
from social.signals import people_forgotten
from social.sources.base import handle_of


@transaction.atomic
def forget_handle(handle: str, *, by: User) -> bool:
    """As somebody asked. False where nothing is known of them; they are left alone from now on all the same."""
    handle = handle_of(handle)
    if not handle:
        raise DomainError(_("This is no handle."))
    authors = Author.objects.filter(handle=handle)
    found = authors.exists()
    if found:
        for author in authors:
            audit.record(action="lead.erase", target=author, by=by)
        forget(authors)
    else:
        _remember([handle])
    return found


def forget(authors: Any) -> None:
    """Authors with their posts, metrics, leads and outreach. In a transaction."""
    handles = list(authors.values_list("handle", flat=True))
    _remember(handles)
    Contact.objects.filter(person__in=[number(handle) for handle in handles]).update(handle="")
    cards = Outreach.objects.filter(lead__author__handle__in=handles).exclude(slack_message="")
    alerts = Alert.objects.filter(facts__handle__in=handles)
    messages = [
        *cards.values_list("slack_message", flat=True),
        *alerts.exclude(message_id="").values_list("message_id", flat=True),
    ]
    if messages:
        people_forgotten.send(Outreach, messages=messages)
    alerts.delete()
    Author.objects.filter(handle__in=handles).delete()


def erased(handles: set[str]) -> set[str]:
    """Those of the handles that were erased: what they write is not stored again."""
    numbers = {number(handle): handle for handle in handles}
    gone = Contact.objects.filter(person__in=list(numbers), kind=Contact.Kind.ERASED)
    return {numbers[person] for person in gone.values_list("person", flat=True)}


def _remember(handles: list[str]) -> None:
    Contact.objects.bulk_create(
        (Contact(person=number(handle), kind=Contact.Kind.ERASED, at=timezone.now()) for handle in handles),
        ignore_conflicts=True,
    )
