"""Brings the database to where the site can open: reachable, migrated, with cities and, in development, the demo."""

from pathlib import Path
from urllib.parse import urlsplit

import django
import redis
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local.parts import say
from config.local.paths import BASE_DIR, ServiceError


def prepare() -> None:
    django.setup()
    check_postgres()
    check_redis()
    check_version()
    if has_unapplied_migrations():
        say("Bringing the database up to date.")
        call_command("migrate", interactive=False, verbosity=0)
    fill()
    connection.close()


def fill() -> None:
    """What is already there is left alone, so the second start skips all this."""
    if not apps.get_model("markets.Market").objects.exists():
        say("Loading the cities of the world.")
        call_command("load_cities")
    if not settings.PRODUCTION and not get_user_model().objects.exists():
        say("Loading the demo market; this happens once.")
        call_command("load_demo")


def check_postgres() -> None:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise ServiceError(
            f"DATABASE_URL: no Postgres at {_place(settings.DATABASE_URL)} ({reason})."
        ) from error


def check_redis() -> None:
    retry = Retry(NoBackoff(), 0)
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5, retry=retry)
    try:
        client.ping()
    except redis.RedisError as error:
        raise ServiceError(f"REDIS_URL: no Redis at {_place(settings.REDIS_URL)} ({error}).") from error


def check_version() -> None:
    """A database knows a migration that is not here: it was made by an older version, or by a newer one."""
    loader = MigrationExecutor(connection).loader
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == BASE_DIR}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations.keys() - loader.disk_migrations.keys()
        if app in ours
    )
    if unknown:
        raise ServiceError(
            f"DATABASE_URL: another version of Traveloure made this database (it has {unknown[0]}). Run that version,"
            " or start anew with an empty database: `make clean` removes the one that `make run` made."
        )


def has_unapplied_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _place(url: str) -> str:
    """Host and port, or the socket: never the password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path
