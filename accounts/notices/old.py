"""Notices that were read go after a year; what nobody has read stays."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Notice

KEPT = timedelta(days=365)
AT_ONCE = 1_000
MOST_BATCHES = 500  # of one night; the next takes the rest


def forget() -> int:
    """In batches, so that nobody waits for a lock; how many there were."""
    forgotten = 0
    for _ in range(MOST_BATCHES):
        read = Notice.objects.filter(read_at__isnull=False, created_at__lt=timezone.now() - KEPT)
        batch = list(read.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        forgotten += Notice.objects.filter(pk__in=batch).delete()[0]
        if len(batch) < AT_ONCE:
            break
    return forgotten
