from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone


class MarketQuerySet(models.QuerySet["Market"]):
    def active(self) -> "MarketQuerySet":
        return self.filter(status=Market.Status.ACTIVE)


class Market(models.Model):
    """A city that travelers can go to, and that experts serve once it is active."""

    class Status(models.TextChoices):
        RECRUITING = "recruiting", _("looking for experts")
        ACTIVE = "active", _("active")

    geoname_id = models.PositiveIntegerField(_("GeoNames id"), unique=True)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=120)
    country_code = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("region"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    currency = models.CharField(_("currency"), max_length=3)
    population = models.PositiveIntegerField(_("population"), default=0)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.RECRUITING)

    objects = MarketQuerySet.as_manager()

    class Meta:
        verbose_name = _("market")
        verbose_name_plural = _("markets")
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="market_coordinates",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="market_currency"),
        ]
        indexes = [models.Index(fields=["status", "-population"], name="market_status")]

    def __str__(self) -> str:
        return f"{self.name}, {self.country_code}"


class MarketName(models.Model):
    """One way to write a market's name. Folded for the prefix search: `markets.search`."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="names", db_index=False)
    name = models.CharField(_("name"), max_length=120)
    # By bytes, so that an ordinary index serves prefixes in whatever collation the database has.
    folded = models.CharField(max_length=120, db_collation="C")
    # Copied from the market, so that the search reads one index in the order of its answers.
    population = models.PositiveIntegerField()
    is_primary = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("market name")
        verbose_name_plural = _("market names")
        constraints = [models.UniqueConstraint(fields=["market", "folded"], name="market_name_unique")]
        indexes = [
            models.Index("folded", "market", "population", name="market_name_prefix"),
            # A letter or two begin tens of thousands of names: those are read from the biggest city down.
            models.Index(
                Left("folded", 1), F("population").desc(), "market", "folded", name="market_name_first_letter"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExchangeRate(models.Model):
    """Roughly what one US dollar buys: for comparing a budget with a price, never for charging."""

    currency = models.CharField(_("currency"), max_length=3, primary_key=True)
    per_usd = models.DecimalField(_("units per US dollar"), max_digits=18, decimal_places=6)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="rate_currency"),
            models.CheckConstraint(condition=Q(per_usd__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return self.currency
