from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = _("Bookings")

    def ready(self) -> None:
        from bookings import files, notice_kinds, personal, wiring  # noqa: F401, PLC0415  # after the app registry

        files.connect()
        wiring.connect()
        personal.declare()
