"""The daily mail: at eight by the reader's clock, with all that waited until then."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.models import Notice, NoticeMail, zone_of
from accounts.notices import posting

MORNING = time(8)


def morning(zone: ZoneInfo, now: datetime) -> datetime:
    """Eight o'clock of the day that it is there, in UTC."""
    today = now.astimezone(zone).date()
    return datetime.combine(today, MORNING, tzinfo=zone).astimezone(UTC)


def ask_for_due(now: datetime | None = None) -> int:
    """Put each reader's waiting notices into the mail of this morning, if it has come. Returns how many mails."""
    now = now or timezone.now()
    asked = 0
    for name in Notice.objects.waiting().values_list("user__time_zone", flat=True).distinct():
        eight = morning(zone_of(name), now)
        if now >= eight:
            asked += _ask_in_zone(name, eight)
    return asked


def _ask_in_zone(name: str, eight: datetime) -> int:
    day = eight.astimezone(zone_of(name)).date()
    waiting = Notice.objects.waiting().filter(user__time_zone=name, created_at__lt=eight)
    have_theirs = NoticeMail.objects.filter(day=day).values("user")
    readers = waiting.exclude(user__in=have_theirs).order_by("user").values_list("user", flat=True).distinct()
    return sum(_ask(user_id, day, eight) for user_id in list(readers))


@transaction.atomic
def _ask(user_id: int, day: date, eight: datetime) -> bool:
    """Whichever run comes first makes the mail; another one waits for it here and finds it."""
    mail, is_new = NoticeMail.objects.get_or_create(user_id=user_id, day=day)
    if not is_new:
        return False
    taken = Notice.objects.waiting().filter(user_id=user_id, created_at__lt=eight).update(mail=mail)
    if taken:
        posting.ask(mail)
    else:  # read or silenced in this moment
        mail.delete()
    return bool(taken)
