import threading
from collections.abc import Callable

from csp.constants import HEADER, UNSAFE_INLINE
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

from config import client
from config.health import database_hangs, report

GetResponse = Callable[[HttpRequest], HttpResponseBase]
RETRY_SECONDS = 60


def health(get_response: GetResponse) -> GetResponse:
    """Answers before anything that could wait for a server: sessions, hosts, redirects."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/api/health" or request.method not in {"GET", "HEAD"}:
            return get_response(request)
        answer = report()
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return JsonResponse(answer, status=200 if answer["status"] == "online" else 503, headers=headers)

    return middleware


def spare_thread(get_response: GetResponse) -> GetResponse:
    """While the database hangs, so do the pages. The last free thread takes none of them, so that the next question
    for the site's health finds it free.
    """
    others = threading.Semaphore(settings.WEB_THREADS - 1)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if others.acquire(blocking=False):
            try:
                return get_response(request)
            finally:
                others.release()
        return _unavailable(request) if database_hangs() else get_response(request)

    return middleware


def maintenance(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _unavailable(request) if settings.MAINTENANCE else get_response(request)

    return middleware


def _unavailable(request: HttpRequest) -> HttpResponse:
    headers = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    if client.is_api(request):
        return JsonResponse({"detail": "Back in a moment."}, status=503, headers=headers)
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string("errors/maintenance.html"), status=503, headers=headers)


def content_policy(get_response: GetResponse) -> GetResponse:
    """The policy of settings.CONTENT_SECURITY_POLICY, written out once. The admin theme hides parts of a page by style
    attributes. It may, and nothing else, and nowhere else. A view that hands out files brings a stricter one.
    """
    everywhere = build_policy()
    of_admin = build_policy(update={"style-src-attr": [UNSAFE_INLINE]})

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Django's own pages of errors, for developers alone, bring their style with them.
        if not (settings.DEBUG and response.status_code in {404, 500}):
            policy = of_admin if request.path_info.startswith("/admin/") else everywhere
            response.headers.setdefault(HEADER, policy)
        return response

    return middleware
