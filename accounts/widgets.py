from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django import forms
from django.db import models
from django.forms.renderers import DjangoTemplates
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SELECTED = mark_safe(" selected")
CACHED = {str, int, bool}


class Renderer(DjangoTemplates):
    """Draws the widgets of which forms have dozens as Django's templates do, and leaves all others to these."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _input(widget: dict[str, Any]) -> SafeString:
    value = widget["value"]
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        "" if value is None else format_html(' value="{}"', value),
        _attributes(widget["attrs"]),
    )


def _textarea(widget: dict[str, Any]) -> SafeString:
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        _attributes(widget["attrs"]),
        widget["value"] or "",
    )


def _attributes(attrs: dict[str, Any]) -> SafeString:
    return mark_safe("".join([_attribute(*one) for one in attrs.items()]))  # noqa: S308  # of safe parts


def _attribute(name: str, value: Any) -> SafeString:
    # Of other types equal values need not read alike, or cannot be a key.
    return _cached_attribute(name, value) if type(value) in CACHED else _written(name, value)


def _written(name: str, value: Any) -> SafeString:
    """What is True stands by its name alone, what is False not at all."""
    if value is False:
        return mark_safe("")
    return format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)


_cached_attribute = lru_cache(maxsize=4096, typed=True)(_written)


def _templates(*names: str) -> list[str]:
    return [f"django/forms/widgets/{name}.html" for name in names]


DRAWN: dict[str, Callable[[dict[str, Any]], SafeString]] = {
    **dict.fromkeys(
        _templates("checkbox", "date", "email", "hidden", "input", "number", "text", "time"), _input
    ),
    **dict.fromkeys(_templates("textarea"), _textarea),
}


class Ready(BaseChoiceIterator):
    """Choices that are pairs of plain text, or groups of such, already: Django would look at each once a field.

    They never change, so that forms can share them.
    """

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        self.choices = tuple(choices)
        values = tuple(value for value, _ in self.choices)
        self.values, self.hash = frozenset(values), hash(values)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.choices)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ready) and self.choices == other.choices

    def __hash__(self) -> int:
        return self.hash

    def __deepcopy__(self, memo: Any) -> "Ready":
        return self


def plain(choices: type[models.Choices]) -> list[tuple[str, str]]:
    """Of an enumeration, in the reader's language."""
    return [(str(value), str(label)) for value, label in choices.choices]


class Select(forms.Select):
    """One of a plain list of choices, without groups. Django renders two templates for each, and our form has sixty."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        everything = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        listed = self.choices
        choices = (
            listed if isinstance(listed, Ready) else Ready((str(key), str(label)) for key, label in listed)
        )
        # Of what was sent only what can be chosen: anything else would be kept as long as a drawing is.
        chosen = choices.values.intersection(self.format_value(value))
        return format_html("<select{}>{}</select>", _attributes(everything), _options(choices, chosen))


@lru_cache(maxsize=512)
def _options(choices: Ready, chosen: frozenset[str]) -> SafeString:
    drawn = [(value, SELECTED if value in chosen else "", label) for value, label in choices]
    return format_html_join("", '<option value="{}"{}>{}</option>', drawn)
