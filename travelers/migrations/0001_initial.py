import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("experts", "0001_initial"),
        ("markets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TravelerProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "travel_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("relaxed", "relaxed"),
                            ("balanced", "balanced"),
                            ("active", "active"),
                            ("luxury", "luxury"),
                            ("backpacker", "backpacker"),
                        ],
                        max_length=12,
                        verbose_name="travel style",
                    ),
                ),
                (
                    "budget_min",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="lowest budget per person and day",
                    ),
                ),
                (
                    "budget_max",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="highest budget per person and day",
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3, verbose_name="currency")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3), blank=True, default=list, size=None
                    ),
                ),
                ("dietary_needs", models.CharField(blank=True, max_length=200, verbose_name="dietary needs")),
                (
                    "accessibility_needs",
                    models.CharField(blank=True, max_length=200, verbose_name="accessibility needs"),
                ),
                (
                    "group_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solo", "on my own"),
                            ("couple", "a couple"),
                            ("family", "family with children"),
                            ("friends", "friends"),
                            ("group", "a larger group"),
                        ],
                        max_length=8,
                        verbose_name="usually travels as",
                    ),
                ),
                (
                    "experience",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first", "first trips"),
                            ("some", "some experience"),
                            ("seasoned", "seasoned"),
                        ],
                        max_length=8,
                        verbose_name="travel experience",
                    ),
                ),
                (
                    "communication_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("friendly", "warm and chatty"),
                            ("concise", "short and to the point"),
                            ("detailed", "thorough, with every detail"),
                            ("formal", "courteous and formal"),
                        ],
                        max_length=10,
                        verbose_name="likes to be written to",
                    ),
                ),
                (
                    "interests",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="experts.specialty", verbose_name="interests"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="traveler",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "traveler profile",
                "verbose_name_plural": "traveler profiles",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("budget_min__isnull", True), ("budget_min__gte", 0), _connector="OR"),
                            models.Q(("budget_max__isnull", True), ("budget_max__gte", 0), _connector="OR"),
                            models.Q(
                                ("budget_min__isnull", True),
                                ("budget_max__isnull", True),
                                ("budget_max__gte", models.F("budget_min")),
                                _connector="OR",
                            ),
                        ),
                        name="traveler_budget_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Trip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("end", models.DateField(blank=True, null=True, verbose_name="last day")),
                (
                    "flexible_month",
                    models.DateField(blank=True, help_text="Its first day.", null=True, verbose_name="month"),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="days",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("city", "city break"),
                            ("culture", "culture and history"),
                            ("food", "food and drink"),
                            ("nature", "nature and outdoors"),
                            ("beach", "beach and sea"),
                            ("family", "family holiday"),
                            ("romantic", "romantic getaway"),
                            ("business", "business trip with free time"),
                            ("other", "something else"),
                        ],
                        max_length=10,
                        verbose_name="kind of trip",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("guide", "a guide at my side"),
                            ("plan", "a plan made for me"),
                            ("advice", "advice and answers"),
                            ("logistics", "bookings and logistics"),
                        ],
                        max_length=10,
                        verbose_name="what you need most",
                    ),
                ),
                ("must_haves", models.CharField(blank=True, max_length=500, verbose_name="must-haves")),
                ("nice_to_haves", models.CharField(blank=True, max_length=500, verbose_name="nice to have")),
                ("adults", models.PositiveSmallIntegerField(default=2, verbose_name="adults")),
                ("children", models.PositiveSmallIntegerField(default=0, verbose_name="children")),
                (
                    "budget",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="budget for local help, in all",
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3, verbose_name="currency")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3), blank=True, default=list, size=None
                    ),
                ),
                (
                    "communication_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("friendly", "warm and chatty"),
                            ("concise", "short and to the point"),
                            ("detailed", "thorough, with every detail"),
                            ("formal", "courteous and formal"),
                        ],
                        max_length=10,
                        verbose_name="how you like to be written to",
                    ),
                ),
                ("time_zone", models.CharField(blank=True, max_length=64, verbose_name="your time zone")),
                (
                    "brief",
                    models.TextField(blank=True, max_length=5000, verbose_name="your trip in your own words"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="markets.market",
                        verbose_name="destination",
                    ),
                ),
                (
                    "traveler",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trips",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="traveler",
                    ),
                ),
            ],
            options={
                "verbose_name": "trip",
                "verbose_name_plural": "trips",
                "indexes": [models.Index(fields=["traveler", "-id"], name="trip_of_traveler")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("end__gte", models.F("start")),
                                ("end__isnull", False),
                                ("flexible_month__isnull", True),
                                ("start__isnull", False),
                            ),
                            models.Q(
                                ("end__isnull", True),
                                ("flexible_month__isnull", False),
                                ("start__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="trip_dates_or_month",
                    ),
                    models.CheckConstraint(condition=models.Q(("days__range", (1, 90))), name="trip_days"),
                    models.CheckConstraint(
                        condition=models.Q(("adults__range", (1, 50)), ("children__range", (0, 50))),
                        name="trip_group_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("budget__isnull", True), ("budget__gt", 0), _connector="OR"),
                        name="trip_budget",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TripInterest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("must", models.BooleanField(default=False, verbose_name="must have")),
                (
                    "specialty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="experts.specialty"
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wanted",
                        to="travelers.trip",
                    ),
                ),
            ],
            options={
                "verbose_name": "interest of a trip",
                "verbose_name_plural": "interests of trips",
                "constraints": [
                    models.UniqueConstraint(fields=("trip", "specialty"), name="trip_interest_unique")
                ],
            },
        ),
        migrations.AddField(
            model_name="trip",
            name="interests",
            field=models.ManyToManyField(
                related_name="+",
                through="travelers.TripInterest",
                to="experts.specialty",
                verbose_name="interests",
            ),
        ),
    ]
