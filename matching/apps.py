from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        from bookings import alternatives  # noqa: PLC0415  # models load after this module
        from bookings.signals import review_withdrawn  # noqa: PLC0415
        from experts.signals import profile_opened  # noqa: PLC0415
        from matching import personal  # noqa: PLC0415
        from matching.alternatives import find  # noqa: PLC0415
        from matching.exposures import note_opened  # noqa: PLC0415
        from matching.services import request_match  # noqa: PLC0415
        from matching.withdrawing import forget_reviews  # noqa: PLC0415
        from travelers.signals import trip_described  # noqa: PLC0415

        def rank(*, trip: Any, **_kwargs: Any) -> None:
            request_match(trip)

        def opened(*, request: Any, expert: int, trip: int, **_kwargs: Any) -> None:
            note_opened(request=request, expert=expert, trip=trip)

        def withdrawn(*, reviews: Any, **_kwargs: Any) -> None:
            forget_reviews(reviews)

        personal.declare()
        review_withdrawn.connect(withdrawn, weak=False, dispatch_uid="matching")
        trip_described.connect(rank, weak=False, dispatch_uid="matching")
        profile_opened.connect(opened, weak=False, dispatch_uid="matching")
        alternatives.finders.append(find)
