"""Whether the person at this session has shown their second factor.

An account that has a factor is not enough: a session that began before it was set up knows a password only.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_used
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User

SHOWN_BY = "second_factor_shown_by"


def connect() -> None:
    for signal in (authenticator_added, authenticator_used):
        signal.connect(_remember, dispatch_uid="accounts.second_factor")


def _remember(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    # Recovery codes are also "added" when they are made; nobody has shown one then.
    if kwargs["signal"] is authenticator_used or authenticator.type == Authenticator.Type.TOTP:
        request.session[SHOWN_BY] = user.pk


def was_shown(request: HttpRequest) -> bool:
    return request.session.get(SHOWN_BY) == request.user.pk and is_mfa_enabled(request.user)


def ask_for(request: HttpRequest) -> HttpResponse:
    """Send the person to give their factor, or to set one up, which needs a confirmed address."""
    if is_mfa_enabled(request.user):
        here = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('mfa_reauthenticate')}?{here}")
    if EmailAddress.objects.filter(user=request.user, verified=False).exists():
        messages.info(request, _("Staff accounts need a second factor. Confirm your e-mail address first."))
        return redirect("account_email")
    messages.info(request, _("Staff accounts need a second factor. Set one up to go on."))
    return redirect("mfa_activate_totp")
