from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import own_data, second_factor  # noqa: PLC0415  # models load after the app registry

        second_factor.connect()
        own_data.declare()
        autodiscover_modules("acts")
