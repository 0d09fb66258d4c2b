from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import contacts
from accounts.models import User, validate_time_zone


class SignupForm(allauth_forms.SignupForm):
    """A name beside allauth's e-mail and password; the adapter stores it."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        validators=[contacts.refuse],
        help_text=_("Experts see it when you write to them."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    # Told by the browser (static/js/time_zone.js): notices and the daily mail go by it. Whoever tells none is on UTC.
    time_zone = forms.Field(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    field_order = ("name", "email", "password1", "time_zone")

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"] or "").strip()
        try:
            validate_time_zone(name)
        except forms.ValidationError:
            return "UTC"
        return name

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new user, or the response for somebody who has an account already."""
        try:
            with transaction.atomic():
                saved: tuple[Any, Any] = super().try_save(request)
                return saved
        except IntegrityError:
            # The second of two clicks: by now the first one has made the account.
            messages.info(request, gettext("Please sign in."))
            return None, redirect("account_login")
