"""Measurements of the product's own code. Each prints a readable table and one JSON object."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()


def progress(text: str) -> None:
    """What a long bench is at, for whoever waits for it."""
    print(f"· {text}", file=sys.stderr, flush=True)
