import accounts.models
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Market",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("geoname_id", models.PositiveIntegerField(unique=True, verbose_name="GeoNames id")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("country_code", models.CharField(max_length=2, verbose_name="country")),
                ("region", models.CharField(blank=True, max_length=120, verbose_name="region")),
                (
                    "time_zone",
                    models.CharField(
                        max_length=64,
                        validators=[accounts.models.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("latitude", models.FloatField(verbose_name="latitude")),
                ("longitude", models.FloatField(verbose_name="longitude")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("population", models.PositiveIntegerField(default=0, verbose_name="population")),
                (
                    "status",
                    models.CharField(
                        choices=[("recruiting", "looking for experts"), ("active", "active")],
                        default="recruiting",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
            ],
            options={
                "verbose_name": "market",
                "verbose_name_plural": "markets",
                "indexes": [models.Index(fields=["status", "-population"], name="market_status")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                        name="market_coordinates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="market_currency"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MarketName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("folded", models.CharField(db_collation="C", max_length=120)),
                ("population", models.PositiveIntegerField()),
                ("is_primary", models.BooleanField(default=False)),
                (
                    "market",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="markets.market",
                    ),
                ),
            ],
            options={
                "verbose_name": "market name",
                "verbose_name_plural": "market names",
                "indexes": [
                    models.Index(
                        models.F("folded"),
                        models.F("market"),
                        models.F("population"),
                        name="market_name_prefix",
                    ),
                    models.Index(
                        django.db.models.functions.text.Left("folded", 1),
                        models.OrderBy(models.F("population"), descending=True),
                        models.F("market"),
                        models.F("folded"),
                        name="market_name_first_letter",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("market", "folded"), name="market_name_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "currency",
                    models.CharField(
                        max_length=3, primary_key=True, serialize=False, verbose_name="currency"
                    ),
                ),
                (
                    "per_usd",
                    models.DecimalField(decimal_places=6, max_digits=18, verbose_name="units per US dollar"),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "ordering": ["currency"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="rate_currency"
                    ),
                    models.CheckConstraint(condition=models.Q(("per_usd__gt", 0)), name="rate_positive"),
                ],
            },
        ),
    ]
