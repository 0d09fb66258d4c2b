import accounts.models
import bookings.models.messages
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

# What Django has no words for: a seat is a seat in the departure's own time and of its expert, and the days are those
# of the period, within the day that a zone can be away from UTC.
_TIED = """
    ALTER TABLE bookings_departure ADD CONSTRAINT departure_time UNIQUE (id, expert_id, period, occupied);
    ALTER TABLE bookings_booking ADD CONSTRAINT booking_in_departure
        FOREIGN KEY (departure_id, expert_id, period, occupied)
        REFERENCES bookings_departure (id, expert_id, period, occupied) DEFERRABLE INITIALLY IMMEDIATE;
    ALTER TABLE bookings_booking ADD CONSTRAINT booking_zone_days CHECK (
        start - (lower(period) AT TIME ZONE 'UTC')::date BETWEEN -1 AND 1
        AND "end" - ((upper(period) - interval '1 microsecond') AT TIME ZONE 'UTC')::date BETWEEN -1 AND 1
    );
"""
_UNTIED = """
    ALTER TABLE bookings_booking DROP CONSTRAINT booking_zone_days;
    ALTER TABLE bookings_booking DROP CONSTRAINT booking_in_departure;
    ALTER TABLE bookings_departure DROP CONSTRAINT departure_time;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("experts", "0001_initial"),
        ("markets", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("travelers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Departure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="period")),
                (
                    "occupied",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        verbose_name="occupied, with buffers"
                    ),
                ),
                ("seats", models.PositiveSmallIntegerField(verbose_name="seats")),
                ("seats_taken", models.PositiveSmallIntegerField(default=0, verbose_name="seats taken")),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departures",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="departures",
                        to="experts.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "departure",
                "verbose_name_plural": "departures",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "period", "occupied"), name="departure_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seats__gte", 1),
                            ("seats_taken__gte", 0),
                            ("seats_taken__lte", models.F("seats")),
                        ),
                        name="departure_seats",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period__isempty", False),
                            ("period__lower_inc", True),
                            ("period__lower_inf", False),
                            ("period__upper_inc", False),
                            ("period__upper_inf", False),
                            ("occupied__isempty", False),
                            ("occupied__lower_inc", True),
                            ("occupied__lower_inf", False),
                            ("occupied__upper_inc", False),
                            ("occupied__upper_inf", False),
                            ("occupied__contains", models.F("period")),
                        ),
                        name="departure_period",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("seats_taken__gt", 0)),
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
                            ("occupied", "&&"),
                        ],
                        name="departure_no_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="period")),
                (
                    "occupied",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        verbose_name="occupied, with buffers"
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        max_length=64,
                        validators=[accounts.models.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("start", models.DateField(verbose_name="first day")),
                ("end", models.DateField(verbose_name="last day")),
                ("people", models.PositiveSmallIntegerField(default=1, verbose_name="people")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("held", "held"),
                            ("confirmed", "confirmed"),
                            ("completed", "completed"),
                            ("declined", "declined"),
                            ("expired", "expired"),
                            ("cancelled", "cancelled"),
                            ("no_show", "no-show"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("price", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="agreed price")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "commission",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=12, verbose_name="of it our commission"
                    ),
                ),
                ("cancellation", models.JSONField(default=dict, verbose_name="cancellation terms")),
                (
                    "cancelled_by_expert",
                    models.BooleanField(default=False, verbose_name="cancelled by the expert"),
                ),
                (
                    "refund",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="refund"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="experts.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "traveler",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="traveler",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bookings",
                        to="travelers.trip",
                        verbose_name="trip",
                    ),
                ),
                (
                    "departure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="bookings.departure",
                        verbose_name="departure",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking",
                "verbose_name_plural": "bookings",
                "permissions": [("move_booking", "Can move bookings")],
                "indexes": [
                    models.Index(fields=["expert", "state"], name="booking_of_expert"),
                    models.Index(
                        condition=models.Q(("state__in", ["requested", "held"])),
                        fields=["expires_at"],
                        name="booking_expiring",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__gte", models.F("start")), ("people__gte", 1), ("price__gt", 0)
                        ),
                        name="booking_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period__isempty", False),
                            ("period__lower_inc", True),
                            ("period__lower_inf", False),
                            ("period__upper_inc", False),
                            ("period__upper_inf", False),
                            ("occupied__isempty", False),
                            ("occupied__lower_inc", True),
                            ("occupied__lower_inf", False),
                            ("occupied__upper_inc", False),
                            ("occupied__upper_inf", False),
                            ("occupied__contains", models.F("period")),
                        ),
                        name="booking_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_at__isnull", False), ("state__in", ["requested", "held"])),
                            models.Q(
                                models.Q(("state__in", ["requested", "held"]), _negated=True),
                                ("expires_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="booking_expiry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission__gte", 0),
                            ("commission__lte", models.F("price")),
                            models.Q(
                                ("refund__isnull", True),
                                models.Q(("refund__gte", 0), ("refund__lte", models.F("price"))),
                                _connector="OR",
                            ),
                        ),
                        name="booking_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="booking_currency"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state__in", ["requested", "held", "confirmed"])),
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
                            ("occupied", "&&"),
                            (
                                models.Func(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("departure_id"), "*", models.Value(0)
                                        ),
                                        "+",
                                        models.F("id"),
                                    ),
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("departure_id"), "*", models.Value(0)
                                        ),
                                        "+",
                                        models.F("id"),
                                    ),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                        ],
                        name="booking_no_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="period")),
                (
                    "occupied",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        verbose_name="occupied, with buffers"
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        max_length=64,
                        validators=[accounts.models.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("start", models.DateField(verbose_name="first day")),
                ("end", models.DateField(verbose_name="last day")),
                ("people", models.PositiveSmallIntegerField(default=1, verbose_name="people")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("held", "held"),
                            ("confirmed", "confirmed"),
                            ("completed", "completed"),
                            ("declined", "declined"),
                            ("expired", "expired"),
                            ("cancelled", "cancelled"),
                            ("no_show", "no-show"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("price", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="agreed price")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "commission",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=12, verbose_name="of it our commission"
                    ),
                ),
                ("cancellation", models.JSONField(default=dict, verbose_name="cancellation terms")),
                (
                    "cancelled_by_expert",
                    models.BooleanField(default=False, verbose_name="cancelled by the expert"),
                ),
                (
                    "refund",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="refund"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                (
                    "expert",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="bookings.booking",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="experts.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "traveler",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="traveler",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="travelers.trip",
                        verbose_name="trip",
                    ),
                ),
                (
                    "departure",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="bookings.departure",
                        verbose_name="departure",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("general", models.BooleanField(default=False, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
                ("traveler_read", models.PositiveBigIntegerField(default=0, editable=False)),
                ("expert_read", models.PositiveBigIntegerField(default=0, editable=False)),
                (
                    "traveler_unread",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="unread by the traveler"
                    ),
                ),
                (
                    "expert_unread",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="unread by the expert"
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inquiries",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "traveler",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inquiries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="traveler",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="inquiries",
                        to="travelers.trip",
                        verbose_name="trip",
                    ),
                ),
            ],
            options={
                "verbose_name": "inquiry",
                "verbose_name_plural": "inquiries",
                "indexes": [
                    models.Index(fields=["expert", "-id"], name="inquiry_of_expert"),
                    models.Index(
                        condition=models.Q(("expert_unread__gt", 0)),
                        fields=["expert"],
                        name="inquiry_unread_by_expert",
                    ),
                    models.Index(
                        condition=models.Q(("traveler_unread__gt", 0)),
                        fields=["traveler"],
                        name="inquiry_unread_by_traveler",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("trip__isnull", False), ("general", True), _connector="OR"),
                        fields=("traveler", "expert", "trip"),
                        name="inquiry_unique",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("general", False), ("trip", None), _connector="OR"),
                        name="inquiry_general",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "whom",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="whom",
                    ),
                ),
            ],
            options={
                "verbose_name": "block",
                "verbose_name_plural": "blocks",
                "constraints": [
                    models.UniqueConstraint(fields=("by", "whom"), name="block_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("by", models.F("whom")), _negated=True), name="block_of_another"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("traveler", "traveler"), ("expert", "expert"), ("system", "Traveloure")],
                        max_length=8,
                        verbose_name="opened by the",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_held", "it did not take place"),
                            ("not_agreed", "it was not what was agreed"),
                            ("no_show", "who did not come is noted wrongly"),
                            ("money", "what was paid or paid back is wrong"),
                            ("conduct", "how somebody behaved"),
                            ("other", "something else"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="what happened")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("upheld", "upheld"), ("dismissed", "dismissed")],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "outcome",
                    models.TextField(blank=True, max_length=2000, verbose_name="decision and reason"),
                ),
                (
                    "refund",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=12, verbose_name="further refund"
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="bookings.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "permissions": [("decide_dispute", "Can decide disputes")],
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["id"], name="dispute_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("booking", "side"),
                        name="dispute_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["traveler", "expert"])), name="dispute_side"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("outcome", ""), ("state", "open")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ["upheld", "dismissed"]),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dispute_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refund", 0), models.Q(("refund__gt", 0), ("state", "upheld")), _connector="OR"
                        ),
                        name="dispute_refund",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200, verbose_name="key")),
                ("body", models.CharField(max_length=64, verbose_name="digest of what was asked")),
                ("answer_type", models.CharField(max_length=64, verbose_name="kind of answer")),
                ("answer_id", models.BigIntegerField(verbose_name="answer")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="answered"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="idempotency_key_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("traveler", "traveler"), ("expert", "expert"), ("system", "Traveloure")],
                        max_length=8,
                        verbose_name="offered by the",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="what")),
                ("people", models.PositiveSmallIntegerField(default=1, verbose_name="people")),
                ("price", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="price in all")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("start", models.DateTimeField(verbose_name="begins")),
                ("end", models.DateTimeField(verbose_name="ends")),
                (
                    "time_zone",
                    models.CharField(
                        max_length=64,
                        validators=[accounts.models.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="open until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "offered"),
                            ("accepted", "accepted"),
                            ("countered", "answered with another offer"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "expired"),
                        ],
                        default="offered",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="offered"),
                ),
                (
                    "moved_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="last move"),
                ),
                ("key", models.UUIDField(editable=False)),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="offer",
                        to="bookings.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "counters",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="counter",
                        to="bookings.offer",
                        verbose_name="in answer to",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="bookings.inquiry",
                        verbose_name="inquiry",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="experts.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "offered")), fields=["expires_at"], name="offer_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("inquiry", "key"), name="offer_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("currency__regex", "^[A-Z]{3}$"), ("people__gte", 1), ("price__gt", 0)
                        ),
                        name="offer_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__gt", models.F("start")), ("expires_at__lte", models.F("start"))
                        ),
                        name="offer_times",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["traveler", "expert"])), name="offer_side"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("traveler", "traveler"), ("expert", "expert"), ("system", "Traveloure")],
                        max_length=8,
                        verbose_name="from",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "message"),
                            ("offer", "offer"),
                            ("accepted", "offer accepted"),
                            ("withdrawn", "offer withdrawn"),
                            ("expired", "offer expired"),
                        ],
                        default="text",
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("body", models.TextField(blank=True, max_length=4000, verbose_name="message")),
                ("contacts", models.JSONField(editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="bookings.inquiry",
                        verbose_name="inquiry",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="bookings.offer",
                        verbose_name="offer",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "indexes": [models.Index(fields=["inquiry", "-id"], name="message_of_inquiry")],
                "constraints": [
                    models.UniqueConstraint(fields=("inquiry", "key"), name="message_key"),
                    models.UniqueConstraint(fields=("offer", "kind"), name="message_of_offer"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "text"), ("offer", None)),
                            models.Q(models.Q(("kind", "text"), _negated=True), ("offer__isnull", False)),
                            _connector="OR",
                        ),
                        name="message_kind",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="inquiry",
            name="last_message",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="bookings.message",
                verbose_name="last message",
            ),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("application/pdf", "PDF"),
                            ("image/jpeg", "JPEG"),
                            ("image/png", "PNG"),
                            ("image/webp", "WebP"),
                            ("text/plain", "plain text"),
                        ],
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                (
                    "file",
                    models.FileField(
                        max_length=60,
                        storage=bookings.models.messages.private_storage,
                        upload_to=bookings.models.messages.random_name,
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="bookings.message",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "permissions": [("read_attachment", "Can read attachments")],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("off_site", "wants to pay or book outside Traveloure"),
                            ("fraud", "fraud or a false identity"),
                            ("rude", "rude, threatening or hateful"),
                            ("spam", "advertising or spam"),
                            ("other", "something else"),
                        ],
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=2000, verbose_name="what happened")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="reported"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to review"), ("upheld", "upheld"), ("dismissed", "dismissed")],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("outcome", models.CharField(blank=True, max_length=500, verbose_name="decision and reason")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="bookings.inquiry",
                        verbose_name="inquiry",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="bookings.message",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "permissions": [("decide_report", "Can decide on reports")],
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["id"], name="report_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inquiry", "message", "by"), name="report_unique", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="report_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
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
                            ("agreed", "agreed"),
                            ("settled", "settled outside"),
                            ("refund", "refund agreed"),
                            ("refunded", "refund settled outside"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="bookings.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="bookings.dispute",
                        verbose_name="dispute",
                    ),
                ),
            ],
            options={
                "verbose_name": "posting",
                "verbose_name_plural": "postings",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("booking", "kind", "dispute"), name="posting_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dispute", None), ("kind__in", ["refund", "refunded"]), _connector="OR"
                        ),
                        name="posting_of_dispute",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.CharField(
                        choices=[
                            ("traveler", "traveler"),
                            ("expert", "expert"),
                            ("commission", "commission"),
                        ],
                        max_length=10,
                        verbose_name="account",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "posting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="bookings.posting",
                        verbose_name="posting",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
                "constraints": [
                    models.UniqueConstraint(fields=("posting", "account"), name="entry_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount", 0), _negated=True), ("currency__regex", "^[A-Z]{3}$")
                        ),
                        name="entry_amount",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="period")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "expired"),
                        ],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed"),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="bookings.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "reschedule proposal",
                "verbose_name_plural": "reschedule proposals",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("booking",), name="proposal_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period__isempty", False),
                            ("period__lower_inc", True),
                            ("period__lower_inf", False),
                            ("period__upper_inc", False),
                            ("period__upper_inf", False),
                        ),
                        name="proposal_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="rating",
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="text")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("published", "published"), ("hidden", "hidden")],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "written_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="written"),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "moderation_reason",
                    models.TextField(blank=True, max_length=2000, verbose_name="reason given"),
                ),
                ("reply", models.TextField(blank=True, max_length=2000, verbose_name="reply")),
                ("replied_at", models.DateTimeField(blank=True, null=True, verbose_name="replied")),
                (
                    "communication",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="communication",
                    ),
                ),
                (
                    "knowledge",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="knowledge",
                    ),
                ),
                (
                    "value",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="value",
                    ),
                ),
                (
                    "flexibility",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="flexibility",
                    ),
                ),
                (
                    "responsiveness",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="responsiveness",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review",
                        to="bookings.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "permissions": [("moderate_review", "Can hide and show reviews of experts")],
                "abstract": False,
                "indexes": [
                    models.Index(fields=["expert", "-published_at"], name="review_of_expert"),
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["written_at"], name="review_waiting"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("state", "waiting")),
                            models.Q(("published_at__isnull", False), ("state__in", ["published", "hidden"])),
                            _connector="OR",
                        ),
                        name="review_published",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("replied_at__isnull", True), ("reply", "")),
                            models.Q(
                                models.Q(("reply", ""), _negated=True),
                                ("published_at__isnull", False),
                                ("replied_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="review_reply",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("communication__range", (1, 5)),
                            ("flexibility__range", (1, 5)),
                            ("knowledge__range", (1, 5)),
                            ("rating__range", (1, 5)),
                            ("responsiveness__range", (1, 5)),
                            ("value__range", (1, 5)),
                        ),
                        name="review_stars",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TravelerReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="rating",
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="text")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("published", "published"), ("hidden", "hidden")],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "written_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="written"),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "moderation_reason",
                    models.TextField(blank=True, max_length=2000, verbose_name="reason given"),
                ),
                ("reply", models.TextField(blank=True, max_length=2000, verbose_name="reply")),
                ("replied_at", models.DateTimeField(blank=True, null=True, verbose_name="replied")),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="traveler_review",
                        to="bookings.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "traveler",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews_by_experts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="traveler",
                    ),
                ),
            ],
            options={
                "verbose_name": "review of a traveler",
                "verbose_name_plural": "reviews of travelers",
                "permissions": [("moderate_travelerreview", "Can hide and show reviews of travelers")],
                "abstract": False,
                "indexes": [
                    models.Index(fields=["traveler", "-published_at"], name="review_of_traveler"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["written_at"],
                        name="traveler_review_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("state", "waiting")),
                            models.Q(("published_at__isnull", False), ("state__in", ["published", "hidden"])),
                            _connector="OR",
                        ),
                        name="travelerreview_published",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("replied_at__isnull", True), ("reply", "")),
                            models.Q(
                                models.Q(("reply", ""), _negated=True),
                                ("published_at__isnull", False),
                                ("replied_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="travelerreview_reply",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rating__range", (1, 5))), name="travelerreview_stars"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("en-gb", "British English"), ("de", "German")],
                        default="en",
                        max_length=8,
                        verbose_name="language",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined"),
                ),
                (
                    "told_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="notice asked for"
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waitlist",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="travelers.trip",
                        verbose_name="trip",
                    ),
                ),
            ],
            options={
                "verbose_name": "waitlist entry",
                "verbose_name_plural": "waitlist",
                "indexes": [
                    models.Index(fields=["market", "created_at"], name="waitlist_of_market"),
                    models.Index(
                        condition=models.Q(("told_at", None)), fields=["id"], name="waitlist_untold"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        models.F("market"),
                        name="waitlist_unique",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(fields=["expert", "-last_message"], name="inquiry_inbox_of_expert"),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(fields=["traveler", "-last_message"], name="inquiry_inbox_of_traveler"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="count_seats",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE given int := 0; taken int := 0;",
                    func="\n    IF TG_OP <> 'INSERT' AND OLD.departure_id IS NOT NULL AND OLD.state IN ('requested', 'held', 'confirmed') THEN\n        given := OLD.people;\n    END IF;\n    IF TG_OP <> 'DELETE' AND NEW.departure_id IS NOT NULL AND NEW.state IN ('requested', 'held', 'confirmed') THEN\n        taken := NEW.people;\n    END IF;\n    IF given > 0 AND taken > 0 AND OLD.departure_id = NEW.departure_id THEN\n        taken := taken - given;\n        given := 0;\n    END IF;\n    IF given > 0 THEN\n        UPDATE bookings_departure SET seats_taken = seats_taken - given WHERE id = OLD.departure_id;\n    END IF;\n    IF taken <> 0 THEN\n        UPDATE bookings_departure SET seats_taken = seats_taken + taken WHERE id = NEW.departure_id;\n    END IF;\n    RETURN NULL;\n",
                    hash="3ae2f30c102819af35eba0752498c787f1cdaa0d",
                    operation='INSERT OR DELETE OR UPDATE OF "state", "departure_id", "people"',
                    pgid="pgtrigger_count_seats_7844f",
                    table="bookings_booking",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "bookings_bookingevent" ("cancellation", "cancelled_by_expert", "commission", "created_at", "currency", "departure_id", "end", "expert_id", "expires_at", "id", "occupied", "people", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "refund", "service_id", "start", "state", "time_zone", "traveler_id", "trip_id") VALUES (NEW."cancellation", NEW."cancelled_by_expert", NEW."commission", NEW."created_at", NEW."currency", NEW."departure_id", NEW."end", NEW."expert_id", NEW."expires_at", NEW."id", NEW."occupied", NEW."people", NEW."period", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."price", NEW."refund", NEW."service_id", NEW."start", NEW."state", NEW."time_zone", NEW."traveler_id", NEW."trip_id"); RETURN NULL;',
                    hash="8e5b9c7a1e0e336faeb586f8c509cf7de44c1e26",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_28bb6",
                    table="bookings_booking",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "bookings_bookingevent" ("cancellation", "cancelled_by_expert", "commission", "created_at", "currency", "departure_id", "end", "expert_id", "expires_at", "id", "occupied", "people", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "refund", "service_id", "start", "state", "time_zone", "traveler_id", "trip_id") VALUES (NEW."cancellation", NEW."cancelled_by_expert", NEW."commission", NEW."created_at", NEW."currency", NEW."departure_id", NEW."end", NEW."expert_id", NEW."expires_at", NEW."id", NEW."occupied", NEW."people", NEW."period", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."price", NEW."refund", NEW."service_id", NEW."start", NEW."state", NEW."time_zone", NEW."traveler_id", NEW."trip_id"); RETURN NULL;',
                    hash="efcd16476efbdf92bbc5fd838c63e0a8fbd78f18",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d8751",
                    table="bookings_booking",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="posted_for_good",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'What is posted stays: post the opposite.'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'posted_for_good';\n",
                    hash="01d5aefd174e09b986448f43cebe6de547df68d6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_posted_for_good_d7993",
                    table="bookings_posting",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="posted_for_good",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    RAISE EXCEPTION 'What is posted stays: post the opposite.'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'posted_for_good';\n",
                    hash="7fa475b8211d984d43472e02244228b1b8bb64a5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_posted_for_good_f0f17",
                    table="bookings_entry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="balanced",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n    IF EXISTS (\n        SELECT FROM bookings_entry WHERE posting_id = NEW.posting_id GROUP BY currency HAVING sum(amount) <> 0\n    ) THEN\n        RAISE EXCEPTION 'The entries of posting % do not balance.', NEW.posting_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';\n    END IF;\n    RETURN NULL;\n",
                    hash="31413754e3cc80980ef6d92fabb5a948222e454d",
                    operation="INSERT",
                    pgid="pgtrigger_balanced_1b59a",
                    table="bookings_entry",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(_TIED, _UNTIED),
    ]
