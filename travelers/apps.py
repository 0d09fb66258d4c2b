from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class TravelersConfig(AppConfig):
    name = "travelers"
    verbose_name = _("Travelers")

    def ready(self) -> None:
        from travelers import personal  # noqa: PLC0415  # models load after this module

        personal.declare()
        user_logged_in.connect(_claim_trips, dispatch_uid="travelers.claim_trips")


def _claim_trips(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    from travelers.services import claim_trips  # noqa: PLC0415  # models load after the app registry

    # Test clients and scripts may sign somebody in without a request that carries a session.
    if request is not None and hasattr(request, "session"):
        claim_trips(user=user, session=request.session)
