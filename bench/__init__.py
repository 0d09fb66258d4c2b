"""Measurements of the product's own code. Each prints a readable table and one JSON object."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
