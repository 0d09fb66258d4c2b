"""What beat makes of settings.CELERY_BEAT_SCHEDULE: rows that staff see."""

from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from tests.factories import make_user

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


def test_an_operator_stops_a_task_and_changes_nothing_else_about_it(client):
    start_beat()
    operator = make_user(is_staff=True)
    operator.groups.add(Group.objects.get(name="Operator"))
    client.force_login(operator)
    task = PeriodicTask.objects.get(name="sweep")
    url = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    client.post(url, {"name": "mine", "task": "os.system", "queue": "other", "args": "[1]"})
    task.refresh_from_db()
    assert (task.enabled, task.name, task.task, task.queue, task.args) == (
        False,
        "sweep",
        "jobs.tasks.sweep",
        "sweep",
        "[]",
    )
    assert "sweep" not in start_beat()
    client.post(url, {"enabled": "on"})
    assert "sweep" in start_beat()
