from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _


def require_second_factor(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Staff without a second factor are sent to set one up before any admin page opens."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _must_enrol(request):
            messages.info(request, _("Staff accounts need a second factor. Set one up to go on."))
            return redirect("mfa_activate_totp")
        return get_response(request)

    return middleware


def _must_enrol(request: HttpRequest) -> bool:
    return (
        settings.STAFF_SECOND_FACTOR
        and request.path.startswith(reverse("admin:index"))
        and request.user.is_authenticated
        and request.user.is_staff
        and not is_mfa_enabled(request.user)
    )
