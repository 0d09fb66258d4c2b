"""Who waits for a destination: whose turn it is to be told that an expert opened there, and leaving."""

from datetime import timedelta

from django.core import signing
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from bookings.models import WaitlistEntry

SALT = "bookings.waitlist"
AT_ONCE = 500
# Nobody waits for ever, and a mail that could not be sent is not tried for ever.
KEPT, KEPT_UNSENT = timedelta(days=730), timedelta(days=30)
# `listed_at` is when an expert last became open, by whatever way: experts.listings. The minute is for those who joined
# while that was being decided. Two beats at once take different entries.
_DUE = """
    UPDATE bookings_waitlistentry SET told_at = now() WHERE id IN (
        SELECT e.id FROM bookings_waitlistentry e
        WHERE e.told_at IS NULL AND EXISTS (
            SELECT FROM experts_listing l
            WHERE l.market_id = e.market_id AND l.listed_at > e.created_at - interval '1 minute'
        )
        ORDER BY e.id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""


def claim_due(most: int = AT_ONCE) -> list[int]:
    """Take the entries for whose destination an expert has opened since they joined. Ask for their mails in the
    same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [most])
        return sorted(pk for (pk,) in cursor.fetchall())


def forget_old() -> int:
    now = timezone.now()
    old = Q(created_at__lt=now - KEPT) | Q(told_at__lt=now - KEPT_UNSENT)
    return WaitlistEntry.objects.filter(old).delete()[0]


def token(entry: WaitlistEntry) -> str:
    return signing.dumps(entry.pk, salt=SALT)


def number(token: str) -> int | None:
    """The entry that a signed token names, which may be gone; None for what nobody signed."""
    try:
        return int(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return None


def entry(number: int) -> WaitlistEntry | None:
    return WaitlistEntry.objects.select_related("market").filter(pk=number).first()


def leave(number: int) -> None:
    WaitlistEntry.objects.filter(pk=number).delete()
