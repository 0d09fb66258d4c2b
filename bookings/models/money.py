import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models.bookings import Booking
from bookings.models.disputes import Dispute

# At the end of a transaction each posting it touched adds up to nothing, in every currency.
_BALANCED = """
    IF EXISTS (
        SELECT FROM bookings_entry WHERE posting_id = NEW.posting_id GROUP BY currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'The entries of posting % do not balance.', NEW.posting_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';
    END IF;
    RETURN NULL;
"""
_KEPT = """
    RAISE EXCEPTION 'What is posted stays: post the opposite.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'posted_for_good';
"""


def posted_for_good() -> pgtrigger.Trigger:
    """After, so that a row that makes no sense is refused for that."""
    return pgtrigger.Trigger(
        name="posted_for_good",
        when=pgtrigger.After,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_KEPT,
    )


class Posting(models.Model):
    """One thing that happened to the money of a booking; its entries balance."""

    class Kind(models.TextChoices):
        AGREED = "agreed", _("agreed")
        SETTLED = "settled", _("settled outside")
        REFUND = "refund", _("refund agreed")
        REFUNDED = "refunded", _("refund settled outside")

    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="postings", verbose_name=_("booking")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    # The decision that a further refund follows from.
    dispute = models.ForeignKey(
        Dispute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="postings",
        verbose_name=_("dispute"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "kind", "dispute"], name="posting_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(dispute=None) | Q(kind__in=["refund", "refunded"]), name="posting_of_dispute"
            ),
        ]
        triggers = [posted_for_good()]

    def __str__(self) -> str:
        return f"{self.booking_id} · {self.kind}"


class Entry(models.Model):
    """One side of a posting. Positive: this account owes so much more; negative: it is owed."""

    class Account(models.TextChoices):
        TRAVELER = "traveler", _("traveler")
        EXPERT = "expert", _("expert")
        COMMISSION = "commission", _("commission")

    posting = models.ForeignKey(
        Posting, on_delete=models.PROTECT, related_name="entries", verbose_name=_("posting")
    )
    account = models.CharField(_("account"), max_length=10, choices=Account)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["posting", "account"], name="entry_once"),
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(currency__regex=r"^[A-Z]{3}$"), name="entry_amount"
            ),
        ]
        triggers = [
            posted_for_good(),
            pgtrigger.Trigger(
                name="balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_BALANCED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"
