"""The error pages. They are rendered without session and database, which may be what failed."""

from datetime import timedelta
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from config import client


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 400, _("The request could not be read."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 403, _("You may not do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, 403, _("The page was open for too long. Reload it and try again."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 404, _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _error(request, 500, _("The mistake is ours and has been recorded."))


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """The answer to a client over its limit, which lifts after `seconds`."""
    # In whole minutes, rounded up: `timeuntil` rounds down, and whoever comes too early waits again.
    lifts_at = timezone.now() + timedelta(minutes=ceil(seconds / 60), seconds=1)
    response = _error(request, 429, _("Too many requests."), lifts_at=lifts_at, seconds=seconds)
    response.headers["Retry-After"] = str(seconds)
    return response


def _error(request: HttpRequest, status: int, detail: str, **context: Any) -> HttpResponse:
    if client.is_api(request):
        return JsonResponse({"detail": detail}, status=status)
    return HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)
