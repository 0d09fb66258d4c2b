from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from experts.models.experts import Expert


class VerificationQuerySet(models.QuerySet["Verification"]):
    def standing(self) -> "VerificationQuerySet":
        return self.filter(withdrawn_at=None)


class Verification(models.Model):
    """One thing about an expert that staff have checked. experts.verification makes and withdraws them."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("identity")
        ADDRESS = "address", _("address")
        PHONE = "phone", _("phone number")
        LICENCE = "licence", _("guide licence")
        INSURANCE = "insurance", _("insurance")
        REFERENCES = "references", _("references")

    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="verifications", verbose_name=_("expert")
    )
    kind = models.CharField(_("what was checked"), max_length=10, choices=Kind)
    checked_at = models.DateTimeField(_("checked"), default=timezone.now)
    # Empty for those from before it was noted who checked.
    checked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("checked by")
    )
    note = models.CharField(
        _("how it was checked"), max_length=500, blank=True, help_text=_("Only staff read this.")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "kind"], condition=Q(withdrawn_at=None), name="verification_standing"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
