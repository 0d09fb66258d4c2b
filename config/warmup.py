"""What the first visitors of each process would wait for, loaded before there are any: most of a second of CPU."""

import contextlib

from celery import current_app
from django.db import DatabaseError, connection
from django.template.loader import get_template
from django.urls import reverse

from accounts.compiled import CompiledQuery
from config import memory
from config.settings import BASE_DIR
from experts import taxonomy

# Of the way from describing a trip to its list.
FOLDERS = ("components", "matching", "travelers")


def web() -> None:
    reverse("home")  # all views, and the names of their addresses
    current_app.finalize()  # or the first job asked for would wait until each task is made
    taxonomy.languages()
    for name in _templates():
        get_template(name)
    _write_queries()
    memory.settle()


def worker() -> None:
    from llm import door  # noqa: PLC0415  # no web process needs what it loads before somebody asks a model

    reverse("home")
    door.language_of("In which language this is written.")
    _write_queries()
    memory.settle()


def _write_queries() -> None:
    """Django asks Postgres for its version to write them; where it is away, each is written when it is needed."""
    with contextlib.suppress(DatabaseError):
        CompiledQuery.write_all()
    connection.close()  # the processes of a pool would share it


def _templates() -> list[str]:
    root = BASE_DIR / "templates"
    return [
        path.relative_to(root).as_posix()
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.html"))
    ]
