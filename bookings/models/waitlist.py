from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from markets.models import Market
from travelers.models import Trip


class WaitlistEntry(models.Model):
    """Somebody who wants to hear when experts open in a market."""

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="waitlist", verbose_name=_("market")
    )
    email = models.EmailField(_("e-mail address"))
    trip = models.ForeignKey(
        Trip, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("trip")
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    created_at = models.DateTimeField(_("joined"), default=timezone.now)
    # Once the mail is out the entry goes; one that stays with it has a mail that could not be sent.
    told_at = models.DateTimeField(_("notice asked for"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("waitlist entry")
        verbose_name_plural = _("waitlist")
        constraints = [models.UniqueConstraint(Lower("email"), "market", name="waitlist_unique")]
        indexes = [
            models.Index(fields=["market", "created_at"], name="waitlist_of_market"),
            models.Index(fields=["id"], condition=models.Q(told_at=None), name="waitlist_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.market_id}"
