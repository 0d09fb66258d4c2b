from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SELECTED = mark_safe(" selected")


class Ready(BaseChoiceIterator):
    """Choices that are pairs of plain text, or groups of such, already: Django would look at each once a field."""

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        self.choices = tuple(choices)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.choices)


class Select(forms.Select):
    """One of a plain list of choices. Django renders two templates for each of them, and our form has sixty."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        everything = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        chosen = frozenset(self.format_value(value))
        return format_html(
            "<select{}>{}</select>", flatatt(everything), _options(tuple(self.choices), chosen)
        )


@lru_cache(maxsize=512)
def _options(choices: tuple[tuple[str, str], ...], chosen: frozenset[str]) -> SafeString:
    drawn = [(value, SELECTED if value in chosen else "", label) for value, label in choices]
    return format_html_join("", '<option value="{}"{}>{}</option>', drawn)
