"""What beat makes of settings.CELERY_BEAT_SCHEDULE: rows that staff see."""

from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

pytestmark = pytest.mark.django_db(transaction=True)  # the scheduler opens connections anew

BEAT: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE


def start_beat():
    """The schedule of a beat that starts now, by name."""
    return DatabaseScheduler(app=current_app).schedule


def test_every_entry_is_there_once_however_often_beat_starts():
    start_beat()
    rhythms = IntervalSchedule.objects.count()
    start_beat()
    rows = PeriodicTask.objects.order_by("name").values_list("name", "task", "queue", "expire_seconds")
    assert list(rows) == [
        (name, entry["task"], entry["options"]["queue"], entry["options"]["expire_seconds"])
        for name, entry in sorted(BEAT.items())
    ]
    assert IntervalSchedule.objects.count() == rhythms


def test_what_staff_stopped_stays_stopped():
    start_beat()
    PeriodicTask.objects.filter(name="delete_done").update(enabled=False)
    assert "delete_done" not in start_beat()


def test_a_changed_rhythm_is_kept_from_the_next_start_on():
    start_beat()
    every_day, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.DAYS)
    PeriodicTask.objects.filter(name="sweep").update(interval=every_day)
    assert start_beat()["sweep"].schedule.run_every.total_seconds() == 3
