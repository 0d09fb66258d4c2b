"""What somebody typed into a form that could not be taken then: it waits in the session until it can be sent."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

_KEY = "drafts"
MOST = 3
LONGEST = 10_000


def keep(request: HttpRequest, names: Iterable[str]) -> None:
    """These fields of a POST, for the form at this address. The oldest of MOST addresses makes room."""
    typed = {name: text[:LONGEST] for name in names if (text := request.POST.get(name, ""))}
    if typed:
        put(request, request.path, typed)


def put(request: HttpRequest, place: str, fields: Mapping[str, str]) -> None:
    """These words into the form at this address, in place of what waits there."""
    others = {known: typed for known, typed in _all(request).items() if known != place}
    typed = {name: text[:LONGEST] for name, text in fields.items()}
    request.session[_KEY] = dict([*others.items(), (place, typed)][-MOST:])


def at(request: HttpRequest, place: str) -> dict[str, str]:
    """What waits for the form at that address."""
    return _all(request).get(place, {})


def of(request: HttpRequest) -> dict[str, str]:
    """What waits for the form at this address."""
    return at(request, request.path)


def drop(request: HttpRequest) -> None:
    if request.path in _all(request):
        request.session[_KEY] = {
            place: fields for place, fields in _all(request).items() if place != request.path
        }


def _all(request: HttpRequest) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = request.session.get(_KEY, {})
    return found
