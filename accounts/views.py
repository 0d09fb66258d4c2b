from typing import Any

from allauth.account import views
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.emails import anothers_address


class EmailView(views.EmailView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without confirmed addresses allauth lets people choose one that another account signs in with."""
        if "action_primary" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            with transaction.atomic():
                return super().post(request, *args, **kwargs)
        except IntegrityError:
            messages.error(request, anothers_address())
            return redirect("account_email")
