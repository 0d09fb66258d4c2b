from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentAssistantConfig(AppConfig):
    name = "content_assistant"
    verbose_name = _("Content assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from content_assistant import personal  # noqa: PLC0415  # after the app registry

        personal.declare()
