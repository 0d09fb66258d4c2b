from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SocialConfig(AppConfig):
    name = "social"
    verbose_name = _("Social commerce")

    def ready(self) -> None:
        from bookings import dashboard  # noqa: PLC0415
        from experts import finding  # noqa: PLC0415
        from social import notice_kinds, personal, tasks, trending, wiring  # noqa: PLC0415  # models load after this module
        from social.signals import alerts_raised  # noqa: PLC0415

        def raised(*, alerts: Any, **_kwargs: Any) -> None:
            tasks.address(alerts)

        personal.declare()
        wiring.connect()
        notice_kinds.register_all()
        finding.sections.append(trending.of_city)
        dashboard.sections.append(trending.demand)
        alerts_raised.connect(raised, weak=False, dispatch_uid="social")
