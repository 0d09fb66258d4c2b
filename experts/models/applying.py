from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Application(models.Model):
    """What somebody answered before there was an expert: nobody is one without a city."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="application", verbose_name=_("user")
    )
    answers = models.JSONField(_("answers"), default=dict)
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta:
        verbose_name = _("application begun")
        verbose_name_plural = _("applications begun")

    def __str__(self) -> str:
        return f"{self.user}"
