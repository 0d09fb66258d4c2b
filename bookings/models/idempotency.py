from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class IdempotencyKey(models.Model):
    """That a creating request was answered, and by which row. Written in the transaction that made the row."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("user"))
    key = models.CharField(_("key"), max_length=200)
    body = models.CharField(_("digest of what was asked"), max_length=64)
    answer_type = models.CharField(_("kind of answer"), max_length=64)
    answer_id = models.BigIntegerField(_("answer"))
    created_at = models.DateTimeField(_("answered"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique")]

    def __str__(self) -> str:
        return self.key
