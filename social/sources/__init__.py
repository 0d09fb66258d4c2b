"""Where posts come from. A source answers a `Query` with `Found`; settings.SOCIAL_SOURCE names which one serves.

x       the X API, with a bearer token of yours (SOCIAL_X_TOKEN)
model   X search by a model of a provider that has it, through the model door: what it cites
file    JSON Lines (SOCIAL_FILE), for trials
none    nothing is read; `manage.py social_import` still stores files
auto    the first of x, model, file that is connected
"""

from django.conf import settings

from social.sources.base import Found, FoundAuthor, FoundPost, Nothing, Query, Source, SourceOff
from social.sources.jsonl import FileSource
from social.sources.x_api import XApi
from social.sources.x_search import XSearchByModel

__all__ = ["Found", "FoundAuthor", "FoundPost", "Query", "Source", "SourceOff", "chosen"]


def chosen() -> Source:
    name = settings.SOCIAL_SOURCE
    if name == "auto":
        name = "x" if settings.SOCIAL_X_TOKEN else "file" if settings.SOCIAL_FILE else "model"
    match name:
        case "x":
            return XApi()
        case "model":
            return XSearchByModel()
        case "file":
            return FileSource(settings.SOCIAL_FILE)
    return Nothing()
