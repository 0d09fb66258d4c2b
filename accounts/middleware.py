from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import second_factor, staff


def require_second_factor(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """No admin page opens for staff who signed in with a password alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _staff_enters_admin(request) and not second_factor.was_shown(request):
            return second_factor.ask_for(request)
        return get_response(request)

    return middleware


def known_reader(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Links of the admin are drawn for who reads them. Here, because most of its pages are drawn after their view."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with staff.read_by(request):
            return get_response(request)

    return middleware


def _staff_enters_admin(request: HttpRequest) -> bool:
    return (
        settings.STAFF_SECOND_FACTOR
        and request.path.startswith(reverse("admin:index"))
        and request.path != reverse("admin:logout")
        and request.user.is_authenticated
        and request.user.is_staff
    )
