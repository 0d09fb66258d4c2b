from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class ExpertsConfig(AppConfig):
    name = "experts"
    verbose_name = _("Experts")

    def ready(self) -> None:
        from experts import notices, personal  # noqa: F401, PLC0415  # models load after this module

        personal.declare()
        post_delete.connect(forget_files, sender="experts.Photo", dispatch_uid="gallery_files")
        post_delete.connect(forget_files, sender="experts.Expert", dispatch_uid="portrait_files")


def forget_files(instance: Any, **_: Any) -> None:
    """Files go with their row, also where the row goes with its account."""
    from experts import photos  # noqa: PLC0415  # models are loaded by now

    photos.forget([str(getattr(instance, "token", "") or getattr(instance, "photo", ""))])
