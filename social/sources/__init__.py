"""Where posts come from. A source answers a `Query` with `Found`; settings.SOCIAL_SOURCE names which one serves.

x       the X API, with a bearer token of yours (SOCIAL_X_TOKEN)
model   X search by a model of a provider that has it, through the model door: what it cites
file    JSON Lines (SOCIAL_FILE), for trials
none    nothing is read; `manage.py social_import` still stores files
auto    the first of x, file, model that is connected, else none
"""

from django.conf import settings

from social.sources.base import Found, FoundAuthor, FoundPost, Nothing, Query, Source, SourceOff
from social.sources.jsonl import FileSource
from social.sources.x_api import XApi
from social.sources.x_search import XSearchByModel

__all__ = ["Found", "FoundAuthor", "FoundPost", "Query", "Source", "SourceOff", "chosen", "connected"]


def connected() -> bool:
    """Whether it makes sense to ask at all."""
    return _name() != "none"


def _name() -> str:
    if settings.SOCIAL_SOURCE != "auto":
        return str(settings.SOCIAL_SOURCE)
    ready = {
        "x": settings.SOCIAL_X_TOKEN,
        "file": settings.SOCIAL_FILE,
        "model": any(settings.LLM_KEYS.values()) or settings.LLM_LOCAL["url"],
    }
    return next((name for name, is_ready in ready.items() if is_ready), "none")


def chosen() -> Source:
    """Raises SourceOff where what it needs is not set."""
    match _name():
        case "x":
            return XApi()
        case "model":
            return XSearchByModel()
        case "file":
            return FileSource(settings.SOCIAL_FILE)
    return Nothing()
