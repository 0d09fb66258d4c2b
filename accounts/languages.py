"""In which language somebody reads the site: the one they chose, or else their browser's.

The choice is a cookie: pages that are the same for everybody need not ask who reads them. Signing in brings that of the
account along.
"""

from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, get_language_info
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User

Response = TypeVar("Response", bound=HttpResponseBase)


def remember(response: Response, language: str) -> Response:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=language)
        return remember(redirect(_back(request, request.POST.get("next", ""))), language)
    context = {
        "languages": [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES],
        "chosen": get_language(),
        "next": _back(request, request.headers.get("Referer", "")),
    }
    return render(request, "pages/language.html", context, status=400 if request.method == "POST" else 200)


def _back(request: HttpRequest, url: str) -> str:
    """A page of this site, or else the first one."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}) or urlsplit(url).path == request.path:
        return "/"
    return urlsplit(url)._replace(scheme="", netloc="").geturl()
