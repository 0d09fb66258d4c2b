"""What somebody typed into a form that could not be taken then: it waits in the session until it can be sent."""

from collections.abc import Iterable

from django.http import HttpRequest

_KEY = "drafts"
MOST = 3
LONGEST = 10_000


def keep(request: HttpRequest, names: Iterable[str]) -> None:
    """These fields of a POST, for the form at this address. The oldest of MOST addresses makes room."""
    typed = {name: text[:LONGEST] for name in names if (text := request.POST.get(name, ""))}
    if typed:
        others = {place: fields for place, fields in _all(request).items() if place != request.path}
        request.session[_KEY] = dict([*others.items(), (request.path, typed)][-MOST:])


def of(request: HttpRequest) -> dict[str, str]:
    """What waits for the form at this address."""
    return _all(request).get(request.path, {})


def drop(request: HttpRequest) -> None:
    if request.path in _all(request):
        request.session[_KEY] = {
            place: fields for place, fields in _all(request).items() if place != request.path
        }


def _all(request: HttpRequest) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = request.session.get(_KEY, {})
    return found
