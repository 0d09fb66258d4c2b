from collections.abc import Callable

from csp.constants import UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

from config import client
from config.health import report

GetResponse = Callable[[HttpRequest], HttpResponseBase]
MAINTENANCE_SECONDS = 300


def health(get_response: GetResponse) -> GetResponse:
    """Answers before anything that could wait for a server: sessions, hosts, redirects."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info != "/api/health" or request.method not in {"GET", "HEAD"}:
            return get_response(request)
        answer = report()
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return JsonResponse(answer, status=200 if answer["status"] == "online" else 503, headers=headers)

    return middleware


def maintenance(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not settings.MAINTENANCE:
            return get_response(request)
        headers = {"Retry-After": str(MAINTENANCE_SECONDS), "Cache-Control": "no-store"}
        if client.is_api(request):
            return JsonResponse({"detail": "Maintenance."}, status=503, headers=headers)
        with translation.override(translation.get_language_from_request(request)):
            return HttpResponse(render_to_string("errors/maintenance.html"), status=503, headers=headers)

    return middleware


def admin_styles(get_response: GetResponse) -> GetResponse:
    """The admin theme hides parts of a page by style attributes. It may, and nothing else, and nowhere else."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_update = {"style-src-attr": [UNSAFE_INLINE]}  # type: ignore[attr-defined]
        return response

    return middleware
