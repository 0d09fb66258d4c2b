"""The consent ledger as others read and write it: who is not to be written to, and since when."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from markets import formats
from social.fingerprints import number
from social.models import Contact, Lead, Outreach

NEVER = [Contact.Kind.OPT_OUT, Contact.Kind.ERASED]


def opt_out(handle: str, *, by: User | None, now: datetime) -> None:
    """For good, over all markets. In a transaction that has locked the lead, if this person is one."""
    Contact.objects.bulk_create(
        [Contact(person=number(handle), handle=handle, kind=Contact.Kind.OPT_OUT, at=now, by=by)],
        ignore_conflicts=True,
    )
    leads = Lead.objects.filter(author__handle=handle, opted_out_at=None)
    leads.update(opted_out_at=now, high_potential=False)


def refusal(lead: Lead, now: datetime, *, besides: Outreach | None = None) -> str:
    """Why nobody writes to this person now, or "". `besides` is a message that is on its way itself."""
    found = _holding(now).filter(person=number(lead.handle))
    contacts = [one for one in found if besides is None or one.outreach_id != besides.pk]
    if lead.opted_out_at or any(one.kind in NEVER for one in contacts):
        return _("This person is not to be written to.")
    if until := max((one.until for one in contacts if one.until), default=None):
        return _("We wrote to this person already; not again before %(day)s.") % {"day": formats.day(until)}
    return ""


def refused(leads: Sequence[Lead], now: datetime) -> set[int]:
    """Those of them whom `refusal` names a reason for; one query."""
    numbers = {number(lead.handle): lead.pk for lead in leads}
    asked = _holding(now).filter(person__in=list(numbers)).values_list("person", flat=True)
    return {numbers[person] for person in asked} | {lead.pk for lead in leads if lead.opted_out_at}


def _holding(now: datetime) -> QuerySet[Contact]:
    return Contact.objects.filter(Q(kind__in=NEVER) | Q(until__gt=now))
