import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import experts.calendar.models
import experts.models.experts
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("markets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Expert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=140, unique=True, verbose_name="slug")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("active", "active"),
                            ("paused", "paused"),
                            ("suspended", "suspended"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("status_reason", models.TextField(blank=True, verbose_name="reason given")),
                ("headline", models.CharField(max_length=140, verbose_name="headline")),
                ("bio", models.TextField(max_length=5000, verbose_name="bio")),
                ("background", models.TextField(blank=True, max_length=2000, verbose_name="background")),
                (
                    "unique_value",
                    models.TextField(blank=True, max_length=1000, verbose_name="what makes them special"),
                ),
                (
                    "search_description",
                    models.CharField(blank=True, max_length=160, verbose_name="line for search engines"),
                ),
                ("search_words", models.CharField(blank=True, max_length=1300, verbose_name="search words")),
                (
                    "years_experience",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(80)],
                        verbose_name="years of experience",
                    ),
                ),
                (
                    "communication_style",
                    models.CharField(
                        choices=[
                            ("friendly", "warm and chatty"),
                            ("concise", "short and to the point"),
                            ("detailed", "thorough, with every detail"),
                            ("formal", "courteous and formal"),
                        ],
                        default="friendly",
                        max_length=10,
                        verbose_name="communication style",
                    ),
                ),
                (
                    "price_min",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="lowest price per person and day"
                    ),
                ),
                (
                    "price_max",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="highest price per person and day"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "response_hours",
                    models.DecimalField(
                        decimal_places=1,
                        default=Decimal("24"),
                        max_digits=5,
                        verbose_name="average response in hours",
                    ),
                ),
                (
                    "group_size_max",
                    models.PositiveSmallIntegerField(
                        default=6,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="largest group",
                    ),
                ),
                ("verified", models.BooleanField(default=False, editable=False, verbose_name="verified")),
                ("accepting_clients", models.BooleanField(default=True, verbose_name="accepting clients")),
                ("active_since", models.DateField(blank=True, null=True, verbose_name="active since")),
                (
                    "paused_until",
                    models.DateField(
                        blank=True,
                        editable=False,
                        help_text="The day, by the city's clock, on which the profile opens again by itself.",
                        null=True,
                        verbose_name="paused until",
                    ),
                ),
                ("photo", models.CharField(blank=True, editable=False, max_length=32, verbose_name="photo")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "works",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="pieces of work"),
                ),
                ("texts", models.PositiveIntegerField(default=0, editable=False, verbose_name="texts read")),
                (
                    "review_count",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="reviews"),
                ),
                (
                    "rating_sum",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="sum of ratings"),
                ),
                (
                    "recent_review_count",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="reviews in the last year"
                    ),
                ),
                (
                    "recent_rating_sum",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="their sum"),
                ),
                (
                    "communication_count",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="ratings of communication"
                    ),
                ),
                (
                    "communication_sum",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="their sum"),
                ),
                (
                    "value_count",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="ratings of value"),
                ),
                (
                    "value_sum",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="their sum"),
                ),
                (
                    "completed_bookings",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="completed bookings"),
                ),
                (
                    "repeat_clients",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="repeat clients"),
                ),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experts",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="expert",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "expert",
                "verbose_name_plural": "experts",
                "permissions": [
                    ("review_expert", "Can decide on expert applications"),
                    ("import_expert", "Can import experts and services"),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("accepting_clients", True), ("status", "active")),
                        fields=["market"],
                        name="expert_candidates",
                    ),
                    models.Index(fields=["status", "created_at"], name="expert_queue"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price_max__gte", models.F("price_min")), ("price_min__gte", 0)),
                        name="expert_price_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_min__gt", 0), ("status", "draft"), _connector="OR"),
                        name="expert_price_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("paused_until", None), ("status", "paused"), _connector="OR"),
                        name="expert_paused_until",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="expert_currency"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("response_hours__gte", 0)), name="expert_response_hours"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slug__in", ["compare", "in"]), _negated=True),
                        name="expert_slug_reserved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rating_sum__gte", models.F("review_count")),
                            (
                                "rating_sum__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("review_count"), "*", models.Value(5)
                                ),
                            ),
                            ("recent_review_count__lte", models.F("review_count")),
                        ),
                        name="expert_rating_aggregates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WeeklyHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(help_text="0 is Monday.", verbose_name="weekday"),
                ),
                ("opens", models.PositiveSmallIntegerField(verbose_name="from")),
                ("closes", models.PositiveSmallIntegerField(verbose_name="until")),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weekly_hours",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "hours of the weekly plan",
                "verbose_name_plural": "weekly plan",
                "ordering": ["weekday", "opens"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes__gt", models.F("opens")),
                            (
                                "closes__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opens"), "+", models.Value(1440)
                                ),
                            ),
                            ("opens__range", (0, 1439)),
                            ("weekday__range", (0, 6)),
                        ),
                        name="weekly_hours_of_a_day",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("expert_id"),
                                    models.F("expert_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (experts.calendar.models.WeekMinutes(), "&&"),
                        ],
                        name="weekly_hours_no_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("free", "free"), ("blocked", "blocked")], max_length=7, verbose_name="kind"
                    ),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days")),
                ("opens", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="from")),
                ("closes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="until")),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="Only you read it.", max_length=140, verbose_name="note"
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_exceptions",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar exception",
                "verbose_name_plural": "calendar exceptions",
                "ordering": ["days", "opens", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__isempty", False), ("days__lower_inf", False), ("days__upper_inf", False)
                        ),
                        name="exception_days_bounded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes__isnull", True), ("kind", "free"), ("opens__isnull", True)),
                            models.Q(
                                ("closes__gt", models.F("opens")),
                                ("closes__isnull", False),
                                (
                                    "closes__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("opens"), "+", models.Value(1440)
                                    ),
                                ),
                                ("opens__isnull", False),
                                ("opens__range", (0, 1439)),
                            ),
                            _connector="OR",
                        ),
                        name="exception_hours",
                    ),
                    models.UniqueConstraint(
                        fields=("expert", "kind", "days", "opens", "closes"),
                        name="exception_unique",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "address",
                    models.CharField(max_length=64, unique=True, verbose_name="secret part of the address"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created"),
                ),
                (
                    "expert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar feed",
                "verbose_name_plural": "calendar feeds",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("address__regex", "^[A-Za-z0-9_-]{32,}$")),
                        name="feed_address_is_long",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("url", models.CharField(blank=True, max_length=2000, verbose_name="address")),
                ("content", models.TextField(blank=True, verbose_name="content")),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "being read"), ("read", "read"), ("failed", "not readable")],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("trouble", models.CharField(blank=True, max_length=20, verbose_name="trouble")),
                ("left_out", models.PositiveIntegerField(default=0, verbose_name="events left out")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="last read")),
                (
                    "read_next_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="read next"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="added")),
                (
                    "expert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_sources",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported calendar",
                "verbose_name_plural": "imported calendars",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["read_next_at"], name="source_read_next")],
                "constraints": [
                    models.UniqueConstraint(fields=("expert", "fingerprint"), name="source_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("url", ""), ("content", ""), _connector="XOR"),
                            models.Q(("trouble", ""), ("state", "failed"), _connector="OR"),
                        ),
                        name="source_url_or_content",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateTimeField(verbose_name="start")),
                ("end", models.DateTimeField(verbose_name="end")),
                ("title", models.CharField(blank=True, max_length=140, verbose_name="title")),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="experts.calendarsource",
                        verbose_name="imported calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported event",
                "verbose_name_plural": "imported events",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end__gt", models.F("start"))), name="imported_event_not_empty"
                    ),
                    models.UniqueConstraint(
                        fields=("source", "start", "end", "title"), name="imported_event_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "expert",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="experts.expert",
                    ),
                ),
                ("verified", models.BooleanField()),
                ("rating", models.SmallIntegerField()),
                (
                    "standing",
                    models.IntegerField(
                        help_text="What reviews, completed trips and verification add up to."
                    ),
                ),
                ("by_rating", models.IntegerField(help_text="The rating, then the number of reviews.")),
                (
                    "price",
                    models.BigIntegerField(
                        help_text="Lowest price in US cents, to compare; UNKNOWN_PRICE without a rate."
                    ),
                ),
                ("opened", models.IntegerField(help_text="Days from 2000 to the expert's first day.")),
                (
                    "specialties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), help_text="Keys, the deepest first.", size=None
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3),
                        help_text="Codes from level B1 on.",
                        size=None,
                    ),
                ),
                (
                    "away",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        help_text="Blocked days.",
                        size=None,
                    ),
                ),
                (
                    "listed_at",
                    models.DateTimeField(
                        help_text="Since when the expert can be written to, without a break."
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "market",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="markets.market",
                    ),
                ),
            ],
            options={
                "verbose_name": "listing",
                "verbose_name_plural": "listings",
                "indexes": [
                    models.Index(fields=["market", "listed_at"], name="listing_market"),
                    models.Index(fields=["standing", "expert"], name="listing_standing"),
                    models.Index(fields=["market", "standing", "expert"], name="listing_market_standing"),
                    models.Index(fields=["by_rating", "expert"], name="listing_by_rating"),
                    models.Index(fields=["market", "by_rating", "expert"], name="listing_market_by_rating"),
                    models.Index(fields=["price", "expert"], name="listing_price"),
                    models.Index(fields=["market", "price", "expert"], name="listing_market_price"),
                    models.Index(fields=["opened", "expert"], name="listing_opened"),
                    models.Index(fields=["market", "opened", "expert"], name="listing_market_opened"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListingText",
            fields=[
                (
                    "expert",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="experts.expert",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "verbose_name": "text of a listing",
                "verbose_name_plural": "texts of listings",
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="listing_words")],
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="marked"),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="experts.expert"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "favourite",
                "verbose_name_plural": "favourites",
                "indexes": [models.Index(fields=["user", "-id"], name="favourite_of_user")],
                "constraints": [models.UniqueConstraint(fields=("user", "expert"), name="favourite_unique")],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answers", models.JSONField(default=dict, verbose_name="answers")),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="saved")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="application",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "application begun",
                "verbose_name_plural": "applications begun",
            },
        ),
        migrations.CreateModel(
            name="Specialty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("group", models.SlugField(verbose_name="group")),
                ("group_name", models.CharField(max_length=80, verbose_name="group name")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "specialty",
                "verbose_name_plural": "specialties",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ExpertSpecialty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "depth",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="How many trips of this kind the expert has planned or guided.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="depth",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="specialties",
                        to="experts.expert",
                    ),
                ),
                (
                    "specialty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="experts.specialty"
                    ),
                ),
            ],
            options={
                "verbose_name": "specialty of an expert",
                "verbose_name_plural": "specialties of experts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialty", "expert"), include=("depth",), name="expert_specialty_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("depth__gte", 1)), name="expert_specialty_depth"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpertLanguage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(help_text="ISO 639 code", max_length=3, verbose_name="language"),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "A1"),
                            (2, "A2"),
                            (3, "B1"),
                            (4, "B2"),
                            (5, "C1"),
                            (6, "C2"),
                            (7, "native"),
                        ],
                        verbose_name="level",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="languages",
                        to="experts.expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "language of an expert",
                "verbose_name_plural": "languages of experts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("expert", "language"), include=("level",), name="expert_language_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__range", (1, 7))), name="expert_language_level"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnavailablePeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days")),
                ("reason", models.CharField(blank=True, max_length=140, verbose_name="reason")),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unavailable",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "unavailable period",
                "verbose_name_plural": "unavailable periods",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("expert_id"),
                                    models.F("expert_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("days", "&&"),
                        ],
                        name="unavailable_no_overlap",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__isempty", False), ("days__lower_inf", False), ("days__upper_inf", False)
                        ),
                        name="unavailable_days_bounded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("profile", "profile"), ("service", "service"), ("review", "review")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "source_id",
                    models.BigIntegerField(
                        help_text="The row of that kind it was copied from.", verbose_name="source"
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                (
                    "vector",
                    models.GeneratedField(
                        db_persist=True,
                        expression=experts.models.experts.FoldedVector("text"),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="experts.expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("expert", "kind", "source_id"), name="evidence_source_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpertTerm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "expert_id", "lexeme", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lexeme", models.CharField(max_length=64)),
                ("texts", models.PositiveSmallIntegerField()),
                (
                    "expert",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms",
                        to="experts.expert",
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="markets.market",
                    ),
                ),
            ],
            options={
                "verbose_name": "search term",
                "verbose_name_plural": "search terms",
                "indexes": [
                    models.Index(
                        fields=["market", "lexeme"], include=("expert", "texts"), name="expert_term_posting"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=32, unique=True, verbose_name="token")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                (
                    "caption",
                    models.CharField(
                        help_text="What it shows. Screen readers say it as well.",
                        max_length=140,
                        verbose_name="caption",
                    ),
                ),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="added")),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "constraints": [
                    models.UniqueConstraint(fields=("expert", "digest"), name="photo_of_expert_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=140, verbose_name="title")),
                ("description", models.TextField(max_length=4000, verbose_name="description")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("tour", "guided tour"),
                            ("planning", "trip planning"),
                            ("experience", "experience"),
                            ("transfer", "driver and transfer"),
                            ("consultation", "consultation"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "duration_hours",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="duration in hours",
                    ),
                ),
                (
                    "duration_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="duration in days"),
                ),
                ("price", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="price")),
                (
                    "price_unit",
                    models.CharField(
                        choices=[("group", "for the group"), ("person", "per person")],
                        default="group",
                        max_length=6,
                        verbose_name="the price is",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("group_size_max", models.PositiveSmallIntegerField(default=6, verbose_name="largest group")),
                (
                    "shared",
                    models.BooleanField(
                        default=False,
                        help_text="Several bookings fill the same start, up to the largest group.",
                        verbose_name="shared with other travelers",
                    ),
                ),
                (
                    "includes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=140),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="what it includes",
                    ),
                ),
                (
                    "unique_aspects",
                    models.TextField(blank=True, max_length=1000, verbose_name="what is special about it"),
                ),
                ("audience", models.CharField(blank=True, max_length=300, verbose_name="for whom")),
                (
                    "instant",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise you accept each request yourself.",
                        verbose_name="instant booking",
                    ),
                ),
                (
                    "notice_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        validators=[django.core.validators.MaxValueValidator(1440)],
                        verbose_name="minimum notice in hours",
                    ),
                ),
                (
                    "cutoff",
                    models.TimeField(
                        blank=True,
                        help_text="From this time of your day on, nobody can book for the day after.",
                        null=True,
                        verbose_name="cut-off on the day before",
                    ),
                ),
                (
                    "buffer_minutes",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(1440)],
                        verbose_name="buffer before and after in minutes",
                    ),
                ),
                (
                    "daily_cap",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="most bookings a day",
                    ),
                ),
                (
                    "cancellation_policy",
                    models.CharField(
                        choices=[("flexible", "flexible"), ("moderate", "moderate"), ("strict", "strict")],
                        default="moderate",
                        max_length=8,
                        verbose_name="cancellation policy",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="offered")),
                ("form_key", models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="services",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "service",
                "verbose_name_plural": "services",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("group_size_max__gte", 1),
                            ("price__gt", 0),
                            models.Q(
                                models.Q(
                                    ("duration_hours__gt", 0),
                                    ("duration_hours__isnull", False),
                                    ("duration_hours__lte", 24),
                                    ("duration_days", None),
                                ),
                                models.Q(
                                    ("duration_days__isnull", False),
                                    ("duration_days__range", (1, 60)),
                                    ("duration_hours", None),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="service_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("identity", "identity"),
                            ("address", "address"),
                            ("phone", "phone number"),
                            ("licence", "guide licence"),
                            ("insurance", "insurance"),
                            ("references", "references"),
                        ],
                        max_length=10,
                        verbose_name="what was checked",
                    ),
                ),
                (
                    "checked_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="checked"),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        help_text="Only staff read this.",
                        max_length=500,
                        verbose_name="how it was checked",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checked by",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verifications",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="withdrawn by",
                    ),
                ),
            ],
            options={
                "verbose_name": "verification",
                "verbose_name_plural": "verifications",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("expert", "kind"),
                        name="verification_standing",
                    )
                ],
            },
        ),
    ]
