from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SocialConfig(AppConfig):
    name = "social"
    verbose_name = _("Social commerce")

    def ready(self) -> None:
        from social import personal, wiring  # noqa: PLC0415  # models load after this module

        personal.declare()
        wiring.connect()
