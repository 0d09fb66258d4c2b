import accounts.models
import bookings.models.messages
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0003_inquiry_outlives_trip"),
        ("experts", "0004_service_terms"),
        ("travelers", "0003_no_half_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
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
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "permissions": [("decide_report", "Can decide on reports")],
            },
        ),
        migrations.AddField(
            model_name="inquiry",
            name="expert_read",
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="expert_unread",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="unread by the expert"),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="traveler_read",
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="traveler_unread",
            field=models.PositiveIntegerField(
                default=0, editable=False, verbose_name="unread by the traveler"
            ),
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
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
            },
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
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(fields=["expert", "-last_message"], name="inquiry_inbox_of_expert"),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(fields=["traveler", "-last_message"], name="inquiry_inbox_of_traveler"),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("expert_unread__gt", 0)),
                fields=["expert"],
                name="inquiry_unread_by_expert",
            ),
        ),
        migrations.AddIndex(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("traveler_unread__gt", 0)),
                fields=["traveler"],
                name="inquiry_unread_by_traveler",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="counters",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="counter",
                to="bookings.offer",
                verbose_name="in answer to",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="inquiry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="offers",
                to="bookings.inquiry",
                verbose_name="inquiry",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="service",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="experts.service",
                verbose_name="service",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="offer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="bookings.offer",
                verbose_name="offer",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reported by",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="inquiry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="bookings.inquiry",
                verbose_name="inquiry",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="message",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="bookings.message",
                verbose_name="message",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.UniqueConstraint(fields=("by", "whom"), name="block_unique"),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(("by", models.F("whom")), _negated=True), name="block_of_another"
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["expires_at"], name="offer_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(fields=("inquiry", "key"), name="offer_key"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$"), ("people__gte", 1), ("price__gt", 0)),
                name="offer_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gt", models.F("start")), ("expires_at__lte", models.F("start"))),
                name="offer_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["traveler", "expert"])), name="offer_side"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["inquiry", "-id"], name="message_of_inquiry"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("inquiry", "key"), name="message_key"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("offer", "kind"), name="message_of_offer"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "text"), ("offer", None)),
                    models.Q(models.Q(("kind", "text"), _negated=True), ("offer__isnull", False)),
                    _connector="OR",
                ),
                name="message_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(condition=models.Q(("state", "open")), fields=["id"], name="report_open"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                fields=("inquiry", "message", "by"), name="report_unique", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="report_decided",
            ),
        ),
    ]
