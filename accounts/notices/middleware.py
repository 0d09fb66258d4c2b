from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.notices import telling

GetResponse = Callable[[HttpRequest], HttpResponse]


def seen_notices(get_response: GetResponse) -> GetResponse:
    """Whoever has opened the page that a notice leads to has read the notice, by whatever way they came, also where
    that page leads on to another.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _is_page(request, response):
            telling.seen(request.user, request.path)
        return response

    return middleware


def _is_page(request: HttpRequest, response: HttpResponse) -> bool:
    """One that asked who reads it: others are the same for everybody, and nobody needs to be looked up for them."""
    is_shown = request.method == "GET" and response.status_code in {200, 302} and request.session.accessed
    return is_shown and "HX-Request" not in request.headers
