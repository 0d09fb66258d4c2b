"""What browsing reads: one narrow row for each expert who can be written to, and who marked whom as a favourite.

The database itself keeps the listings, in triggers on the rows they are made of (experts/migrations), because bulk
writes and plain SQL change those rows as well. What is in the table is public: whoever pauses is out of it at once.
"""

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from markets.models import Market


class Listing(models.Model):
    """An open expert as the search sees them. Written by the SQL function experts_list alone."""

    # The real key is in the migration, with ON DELETE CASCADE: Django's own order of deleting would meet a row that a
    # trigger wrote meanwhile.
    expert = models.OneToOneField(
        "experts.Expert", on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    market = models.ForeignKey(
        Market, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    verified = models.BooleanField()
    # Hundredths of the mean; 0 without a review.
    rating = models.SmallIntegerField()
    # What the pages are sorted by, integers all of them: places in a list stand in addresses.
    standing = models.IntegerField(help_text="What reviews, completed trips and verification add up to.")
    by_rating = models.IntegerField(help_text="The rating, then the number of reviews.")
    price = models.BigIntegerField(
        help_text="Lowest price in US cents, to compare; UNKNOWN_PRICE without a rate."
    )
    opened = models.IntegerField(help_text="Days from 2000 to the expert's first day.")
    specialties = ArrayField(models.BigIntegerField(), help_text="Keys, the deepest first.")
    languages = ArrayField(models.CharField(max_length=3), help_text="Codes from level B1 on.")
    away = ArrayField(DateRangeField(), help_text="Blocked days.")
    weekdays = models.SmallIntegerField(help_text="Bits of the weekdays of work, Monday's the lowest.")
    extra = ArrayField(DateRangeField(), help_text="Days of work besides.")
    listed_at = models.DateTimeField(help_text="Since when the expert can be written to, without a break.")
    changed_at = models.DateTimeField()

    UNKNOWN_PRICE = 10**15

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        # Of each order one for everywhere and one for within a market.
        indexes = [
            models.Index(fields=["market", "listed_at"], name="listing_market"),
            *[
                models.Index(
                    fields=[*market, order, "expert"], name=f"listing{'_market' * len(market)}_{order}"
                )
                for order in ("standing", "by_rating", "price", "opened")
                for market in ([], ["market"])
            ],
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}"


class ListingText(models.Model):
    """The inverted index of the listings, apart from them because it is many times as wide.

    A lexeme of any text stands as it is; one of the name, the headline, the specialties and the services also with a
    “=” before it; and then there are marks: “#m7” for the market, “#s7” for a specialty, “#len” for a language. So
    any of these together are one question to one index.
    """

    expert = models.OneToOneField(
        "experts.Expert", on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    words = SearchVectorField()

    class Meta:
        verbose_name = _("text of a listing")
        verbose_name_plural = _("texts of listings")
        indexes = [GinIndex(fields=["words"], name="listing_words")]

    def __str__(self) -> str:
        return f"{self.expert_id}"


class Favourite(models.Model):
    """Somebody's mark on an expert they like."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="favourites", db_index=False)
    expert = models.ForeignKey("experts.Expert", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("marked"), default=timezone.now)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [models.UniqueConstraint(fields=["user", "expert"], name="favourite_unique")]
        indexes = [models.Index(fields=["user", "-id"], name="favourite_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.expert_id}"
