"""Tasks as an app writes them. A Group stands for the domain's row."""

from collections.abc import Callable

from celery import shared_task
from django.contrib.auth.models import Group

from jobs.durable import DurableTask


@shared_task(base=DurableTask, bind=True)
def store(self, name):
    with self.finishing():
        Group.objects.create(name=name)


@shared_task(base=DurableTask, bind=True)
def call(self, name):
    """Does whatever the test put under the name."""
    deeds[name](self)


def mark_failed(name):
    Group.objects.create(name=f"{name} failed")


@shared_task(base=DurableTask, bind=True, max_attempts=1, on_dead=mark_failed)
def fragile(self, name):
    deeds[name](self)


def refuse(name):
    raise LookupError(name)


@shared_task(base=DurableTask, bind=True, max_attempts=1, on_dead=refuse, queue="mail")
def stubborn(self, name):
    raise ValueError(name)


deeds: dict[str, Callable[[DurableTask], object]] = {}
