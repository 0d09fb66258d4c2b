"""What a browser makes of a page."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

Pairs = list[tuple[str, str]]


class _Form(HTMLParser):
    """The answers that the page's POST form holds, as pressing its button would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: Pairs = []
        self._inside = False
        self._select = self._area = ""
        self._options: Pairs = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
        elif not self._inside:
            return
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option":
            self._options.append((given.get("value", ""), "selected" if "selected" in given else ""))
        elif tag == "textarea":
            self._area = given["name"]
            self.answers.append((self._area, ""))
        elif tag == "input" and given.get("name") and _is_sent(given):
            box = "on" if given.get("type") == "checkbox" else ""
            self.answers.append((given["name"], given.get("value", box)))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.answers[-1] = (self._area, self.answers[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            # A browser drops the line break that Django writes behind the tag.
            self.answers[-1] = (self._area, self.answers[-1][1].removeprefix("\n"))
            self._area = ""
        elif tag == "select" and self._options:
            chosen = [value for value, mark in self._options if mark] or [self._options[0][0]]
            self.answers.append((self._select, chosen[-1]))
            self._options = []


def _is_sent(given: dict[str, str]) -> bool:
    return given.get("type") not in {"checkbox", "radio"} or "checked" in given


def form_answers(html: str) -> dict[str, list[str]]:
    """By field name what the page's POST form would send now, but for the token."""
    parser = _Form()
    parser.feed(html)
    answers: dict[str, list[str]] = {}
    for name, value in parser.answers:
        if name != "csrfmiddlewaretoken":
            answers.setdefault(name, []).append(value)
    return answers


def signed_in(user: Any) -> Any:
    """A browser of theirs. Untyped: its answers know more than Django's stubs."""
    client = Client()
    client.force_login(user)
    return client
