from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentAssistantConfig(AppConfig):
    name = "content_assistant"
    verbose_name = _("Content assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from content_assistant import examining, notice_kinds, personal  # noqa: F401, PLC0415  # after the app registry
        from content_assistant.checks import grounding  # noqa: PLC0415

        personal.declare()
        examining.claimers.append(grounding.claims)
