import accounts.models
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# So far bookings were whole days of the expert's own calendar. Nobody but the demo has made any: where two of those
# that are to come meet, the later one is cancelled.
_PLANNED_DAYS = """
    UPDATE bookings_booking b SET
        time_zone = m.time_zone,
        period = tstzrange(b.start::timestamp AT TIME ZONE m.time_zone, (b."end" + 1)::timestamp AT TIME ZONE m.time_zone),
        occupied = tstzrange(b.start::timestamp AT TIME ZONE m.time_zone, (b."end" + 1)::timestamp AT TIME ZONE m.time_zone)
    FROM experts_expert x JOIN markets_market m ON m.id = x.market_id
    WHERE x.id = b.expert_id;
    UPDATE bookings_bookingevent b SET
        time_zone = m.time_zone,
        period = tstzrange(b.start::timestamp AT TIME ZONE m.time_zone, (b."end" + 1)::timestamp AT TIME ZONE m.time_zone),
        occupied = tstzrange(b.start::timestamp AT TIME ZONE m.time_zone, (b."end" + 1)::timestamp AT TIME ZONE m.time_zone)
    FROM experts_expert x JOIN markets_market m ON m.id = x.market_id
    WHERE x.id = b.expert_id;
    UPDATE bookings_bookingevent SET time_zone = 'UTC',
        period = tstzrange(start::timestamp AT TIME ZONE 'UTC', ("end" + 1)::timestamp AT TIME ZONE 'UTC'),
        occupied = tstzrange(start::timestamp AT TIME ZONE 'UTC', ("end" + 1)::timestamp AT TIME ZONE 'UTC')
    WHERE time_zone IS NULL;
    UPDATE bookings_booking b SET state = 'cancelled'
    WHERE state = 'confirmed' AND EXISTS (
        SELECT FROM bookings_booking o
        WHERE o.expert_id = b.expert_id AND o.state = 'confirmed' AND o.id < b.id AND o.occupied && b.occupied
    );
"""
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
    dependencies = [
        ("bookings", "0008_waitlist_told"),
        ("experts", "0004_service_terms"),
        ("travelers", "0003_no_half_answers"),
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
            ],
            options={
                "verbose_name": "departure",
                "verbose_name_plural": "departures",
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
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
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
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
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
            ],
            options={
                "verbose_name": "posting",
                "verbose_name_plural": "postings",
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
            ],
            options={
                "verbose_name": "reschedule proposal",
                "verbose_name_plural": "reschedule proposals",
            },
        ),
        migrations.AlterModelOptions(
            name="booking",
            options={
                "permissions": [("move_booking", "Can move bookings")],
                "verbose_name": "booking",
                "verbose_name_plural": "bookings",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="booking",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="booking",
            name="update_update",
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_sane",
        ),
        migrations.AddField(
            model_name="booking",
            name="cancellation",
            field=models.JSONField(default=dict, verbose_name="cancellation terms"),
        ),
        migrations.AddField(
            model_name="booking",
            name="commission",
            field=models.DecimalField(
                decimal_places=2, default=0, max_digits=12, verbose_name="of it our commission"
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked"),
        ),
        migrations.AddField(
            model_name="booking",
            name="cancelled_by_expert",
            field=models.BooleanField(default=False, verbose_name="cancelled by the expert"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="cancelled_by_expert",
            field=models.BooleanField(default=False, verbose_name="cancelled by the expert"),
        ),
        migrations.AddField(
            model_name="booking",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="expires"),
        ),
        migrations.AddField(
            model_name="booking",
            name="occupied",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(
                null=True, verbose_name="occupied, with buffers"
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="people",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="people"),
        ),
        migrations.AddField(
            model_name="booking",
            name="period",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True, verbose_name="period"),
        ),
        migrations.AddField(
            model_name="booking",
            name="refund",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="refund"
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="time_zone",
            field=models.CharField(
                max_length=64,
                null=True,
                validators=[accounts.models.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="cancellation",
            field=models.JSONField(default=dict, verbose_name="cancellation terms"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="commission",
            field=models.DecimalField(
                decimal_places=2, default=0, max_digits=12, verbose_name="of it our commission"
            ),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="expires"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="occupied",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(
                null=True, verbose_name="occupied, with buffers"
            ),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="people",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="people"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="period",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True, verbose_name="period"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="refund",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="refund"
            ),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="time_zone",
            field=models.CharField(
                max_length=64,
                null=True,
                validators=[accounts.models.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="state",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="bookingevent",
            name="state",
            field=models.CharField(
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
        migrations.AddField(
            model_name="departure",
            name="expert",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="departures",
                to="experts.expert",
                verbose_name="expert",
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="service",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="departures",
                to="experts.service",
                verbose_name="service",
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="departure",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="bookings.departure",
                verbose_name="departure",
            ),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="departure",
            field=models.ForeignKey(
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
        migrations.RunSQL(_PLANNED_DAYS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="booking",
            name="occupied",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(
                verbose_name="occupied, with buffers"
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="period",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="period"),
        ),
        migrations.AlterField(
            model_name="booking",
            name="time_zone",
            field=models.CharField(
                max_length=64, validators=[accounts.models.validate_time_zone], verbose_name="time zone"
            ),
        ),
        migrations.AlterField(
            model_name="bookingevent",
            name="occupied",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(
                verbose_name="occupied, with buffers"
            ),
        ),
        migrations.AlterField(
            model_name="bookingevent",
            name="period",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="period"),
        ),
        migrations.AlterField(
            model_name="bookingevent",
            name="time_zone",
            field=models.CharField(
                max_length=64, validators=[accounts.models.validate_time_zone], verbose_name="time zone"
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("state__in", ["requested", "held"])),
                fields=["expires_at"],
                name="booking_expiring",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gte", models.F("start")), ("people__gte", 1), ("price__gt", 0)),
                name="booking_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="booking_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
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
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddField(
            model_name="posting",
            name="booking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="bookings.booking",
                verbose_name="booking",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="posting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="bookings.posting",
                verbose_name="posting",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="booking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="bookings.booking",
                verbose_name="booking",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="proposed by",
            ),
        ),
        migrations.AddConstraint(
            model_name="departure",
            constraint=models.UniqueConstraint(
                fields=("service", "period", "occupied"), name="departure_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="departure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seats__gte", 1), ("seats_taken__gte", 0), ("seats_taken__lte", models.F("seats"))
                ),
                name="departure_seats",
            ),
        ),
        migrations.AddConstraint(
            model_name="departure",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="departure",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="idempotency_key_unique"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(fields=("booking", "kind"), name="posting_once"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("posting", "account"), name="entry_once"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("amount", 0), _negated=True), ("currency__regex", "^[A-Z]{3}$")),
                name="entry_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("booking",), name="proposal_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period__isempty", False),
                    ("period__lower_inc", True),
                    ("period__lower_inf", False),
                    ("period__upper_inc", False),
                    ("period__upper_inf", False),
                ),
                name="proposal_period",
            ),
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
