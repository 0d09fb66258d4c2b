"""What the first visitors of each process would wait for, loaded before there are any: about half a second of CPU."""

from celery import current_app
from django.template.loader import get_template
from django.urls import reverse

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
    memory.settle()


def worker() -> None:
    from llm import door  # noqa: PLC0415  # no web process needs what it loads before somebody asks a model

    reverse("home")
    door.language_of("In which language this is written.")
    memory.settle()


def _templates() -> list[str]:
    root = BASE_DIR / "templates"
    return [
        path.relative_to(root).as_posix()
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.html"))
    ]
