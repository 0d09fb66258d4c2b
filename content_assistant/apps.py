from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentAssistantConfig(AppConfig):
    name = "content_assistant"
    verbose_name = _("Content assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from content_assistant import (  # noqa: PLC0415  # after the app registry
            examining,
            notice_kinds,  # noqa: F401
            personal,
            tools,
        )
        from content_assistant.checks import grounding  # noqa: PLC0415

        tools.load()
        personal.declare()
        examining.claimers.append(grounding.claims)
