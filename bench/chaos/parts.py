"""What the parts under fire do. The fork server imports this once, so that a killed worker is back in a moment."""

import gc
import importlib
import os
import random
import sys
import time
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from celery import shared_task
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import IntegrityError, close_old_connections, connection, transaction

from config.celery import app
from jobs.durable import DurableTask

# Here and not in each worker, which collects garbage before each fork of its own.
app.loader.import_default_modules()
for module in ("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.prefork"):
    importlib.import_module(module)
gc.freeze()

TABLES = """
CREATE TABLE chaos_asked (number int PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE chaos_run (number int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE chaos_outcome (number int PRIMARY KEY, finished int NOT NULL)
"""


@shared_task(base=DurableTask, bind=True, lease=3, time_limit=2, soft_time_limit=1, max_attempts=20)
def work(self: DurableTask, number: int) -> None:
    run("INSERT INTO chaos_run (number) VALUES (%s)", number)
    time.sleep(random.uniform(0.05, 0.2))
    with self.finishing():
        run(
            "INSERT INTO chaos_outcome VALUES (%s, 1)"
            " ON CONFLICT (number) DO UPDATE SET finished = chaos_outcome.finished + 1",
            number,
        )


def run(sql: str, *parameters: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def alone(log: Path, part: Callable[..., None], *arguments: object) -> None:
    """Run a part in a process group of its own, so that it can be killed whole."""
    os.setsid()
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    part(*arguments)


def prepare() -> None:
    for label in ("jobs", "django_celery_beat"):
        call_command("migrate", label, verbosity=0, skip_checks=True)
    run(TABLES)


def worker(concurrency: int, acks_late: bool) -> None:
    app.conf.task_acks_late = acks_late
    options = [f"--concurrency={concurrency}", "--loglevel=WARNING", "--without-gossip", "--without-mingle"]
    app.worker_main(["worker", *options])


def beat() -> None:
    app.start(["beat", "--loglevel=WARNING", "--pidfile="])


def client(allowed: "Synchronized[int]", jobs: int) -> None:
    """Asks for one job after the other, as many as are allowed so far, and again where the answer was an error."""
    asked = 0
    while asked < jobs:
        if asked < allowed.value and ask(asked):
            asked += 1
        else:
            time.sleep(0.02)


def ask(number: int) -> bool:
    try:
        with transaction.atomic():
            run("INSERT INTO chaos_asked (number) VALUES (%s)", number)
            work.enqueue(number=number)
    except IntegrityError:
        return True  # the first try was committed, and the crash swallowed the answer
    except DatabaseError:
        close_old_connections()
        return False
    return True
