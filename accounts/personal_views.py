from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import archives, audit, erasing, personal
from accounts.errors import DomainError
from accounts.models import Archive, User


class EraseForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


@require_safe
@login_required
@never_cache
def data(request: HttpRequest) -> HttpResponse:
    return _page(request, EraseForm(user=_signed_in(request)))


@require_POST
@login_required
def export(request: HttpRequest) -> HttpResponse:
    user = _signed_in(request)
    archives.request(user=user, by=user)
    messages.success(request, _("Your archive is being made. We write to you when it is ready."))
    return redirect("account_data")


@require_safe
@login_required
@never_cache
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Somebody else's, and one whose days are over, is not found."""
    user = _signed_in(request)
    archive = get_object_or_404(archives.downloadable(user), pk=pk)
    if request.method == "GET":
        audit.record(action="personal.download", target=user, by=user, archive=archive.pk)
    response = StreamingHttpResponse(archives.parts(archive), content_type="application/zip")
    response["Content-Length"] = str(archive.size)
    response["Content-Disposition"] = f'attachment; filename="traveloure-{archive.ready_at:%Y-%m-%d}.zip"'
    return response


@require_http_methods(["POST"])
@login_required
def erase(request: HttpRequest) -> HttpResponse:
    user = _signed_in(request)
    form = EraseForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, form)
    try:
        erasing.erase(user=user, by=user)
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, form)
    logout(request)
    messages.success(request, _("Your account is erased. You are signed out everywhere."))
    return redirect("home")


def _page(request: HttpRequest, form: EraseForm) -> HttpResponse:
    user = _signed_in(request)
    ready = archives.downloadable(user).order_by("-pk").first()
    context = {
        "form": form,
        "ready": ready,
        "until": ready and ready.ready_at and ready.ready_at + archives.KEPT,
        "latest": Archive.objects.filter(user=user).order_by("-pk").first(),
        "obstacles": erasing.obstacles(user),
        "stays": personal.stays(),
        "has_password": user.has_usable_password(),
        "today": timezone.localdate(),
    }
    return render(request, "account/data.html", context)


def _signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
