"""The consent ledger as others read and write it: who is not to be written to, and since when."""

from datetime import datetime

from accounts.models import User
from social.fingerprints import number
from social.models import Contact, Lead


def opt_out(lead: Lead, *, by: User | None, now: datetime) -> None:
    """For good, over all markets. In a transaction that has locked the lead."""
    Contact.objects.bulk_create(
        [Contact(person=number(lead.handle), handle=lead.handle, kind=Contact.Kind.OPT_OUT, at=now, by=by)],
        ignore_conflicts=True,
    )
    Lead.objects.filter(pk=lead.pk, opted_out_at=None).update(opted_out_at=now, high_potential=False)
    lead.opted_out_at, lead.high_potential = lead.opted_out_at or now, False


def has_opted_out(handle: str) -> bool:
    never = [Contact.Kind.OPT_OUT, Contact.Kind.ERASED]
    return Contact.objects.filter(person=number(handle), kind__in=never).exists()


def silent_until(handle: str, now: datetime) -> datetime | None:
    """Until when this person is left alone after a message, whoever of us wrote it."""
    found = Contact.objects.filter(person=number(handle), kind=Contact.Kind.MESSAGE, until__gt=now)
    return found.order_by("-until").values_list("until", flat=True).first()
