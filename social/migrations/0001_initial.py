import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
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
            name="Author",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("handle", models.CharField(max_length=30, unique=True, verbose_name="handle")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("bio", models.TextField(blank=True, max_length=1000, verbose_name="bio")),
                ("followers", models.PositiveIntegerField(blank=True, null=True, verbose_name="followers")),
                ("following", models.PositiveIntegerField(blank=True, null=True, verbose_name="following")),
                ("since", models.DateField(blank=True, null=True, verbose_name="joined")),
                ("is_measured", models.BooleanField(default=False, editable=False)),
                (
                    "seen_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="last seen"),
                ),
            ],
            options={
                "verbose_name": "author",
                "verbose_name_plural": "authors",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("handle__regex", "^[a-z0-9_]+$")), name="author_handle"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=64, unique=True, verbose_name="id")),
                ("text", models.TextField(max_length=4000, verbose_name="text")),
                ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
                ("posted_at", models.DateTimeField(verbose_name="posted")),
                (
                    "source",
                    models.CharField(
                        choices=[("x", "X"), ("model", "found by a model, cited"), ("file", "file")],
                        max_length=5,
                        verbose_name="source",
                    ),
                ),
                ("likes", models.PositiveIntegerField(default=0, verbose_name="likes")),
                ("reposts", models.PositiveIntegerField(default=0, verbose_name="reposts")),
                ("replies", models.PositiveIntegerField(default=0, verbose_name="replies")),
                ("views", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="views")),
                ("measured_at", models.DateTimeField(verbose_name="measured")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="social.author",
                        verbose_name="author",
                    ),
                ),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "indexes": [models.Index(fields=["-posted_at"], name="post_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("external_id__regex", "^[A-Za-z0-9_-]+$")), name="post_id"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["x", "model", "file"])), name="post_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("posted_at", models.DateTimeField(verbose_name="posted")),
                (
                    "market",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="social.post",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "sighting",
                "verbose_name_plural": "sightings",
                "indexes": [models.Index(fields=["market", "posted_at"], name="sighting_of_market")],
                "constraints": [models.UniqueConstraint(fields=("market", "post"), name="sighting_unique")],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="markets",
            field=models.ManyToManyField(
                related_name="social_posts", through="social.Sighting", to="markets.market"
            ),
        ),
        migrations.CreateModel(
            name="PostSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("likes", models.PositiveIntegerField(verbose_name="likes")),
                ("reposts", models.PositiveIntegerField(verbose_name="reposts")),
                ("replies", models.PositiveIntegerField(verbose_name="replies")),
                ("views", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="views")),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="samples",
                        to="social.post",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "metric",
                "verbose_name_plural": "metrics",
                "constraints": [models.UniqueConstraint(fields=("post", "at"), name="post_sample_unique")],
            },
        ),
        migrations.CreateModel(
            name="ViralMoment",
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
                            ("likes", "more than 1,000 likes"),
                            ("reposts", "more than 100 reposts"),
                            ("growth", "three times the likes within six hours"),
                        ],
                        max_length=7,
                        verbose_name="why",
                    ),
                ),
                ("likes", models.PositiveIntegerField(verbose_name="likes")),
                ("reposts", models.PositiveIntegerField(verbose_name="reposts")),
                ("views", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="views")),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found")),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="viral_moments",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="viral",
                        to="social.post",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "viral moment",
                "verbose_name_plural": "viral moments",
                "indexes": [models.Index(fields=["market", "-found_at"], name="viral_of_market")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("likes__gt", 1000), ("reason", "likes")),
                            models.Q(("reason", "reposts"), ("reposts__gt", 100)),
                            models.Q(("likes__gte", 150), ("reason", "growth")),
                            _connector="OR",
                        ),
                        name="viral_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("followers", models.PositiveIntegerField(blank=True, null=True, verbose_name="followers")),
                (
                    "engagement",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="engagement in %"
                    ),
                ),
                ("posts_counted", models.PositiveIntegerField(default=0, verbose_name="posts in 30 days")),
                ("days_counted", models.PositiveIntegerField(default=0, verbose_name="days with posts")),
                ("style", models.CharField(blank=True, max_length=200, verbose_name="content style")),
                (
                    "fit",
                    models.CharField(
                        choices=[("high", "high"), ("medium", "medium"), ("low", "low")],
                        max_length=6,
                        verbose_name="fit",
                    ),
                ),
                ("why", models.TextField(blank=True, max_length=600, verbose_name="why")),
                (
                    "origin",
                    models.CharField(
                        choices=[("model", "by a model"), ("counted", "by figures alone")],
                        max_length=7,
                        verbose_name="judged",
                    ),
                ),
                ("high_potential", models.BooleanField(default=False, verbose_name="high potential")),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found")),
                (
                    "seen_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="last seen"),
                ),
                (
                    "judged_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="last judged"),
                ),
                ("opted_out_at", models.DateTimeField(blank=True, null=True, verbose_name="opted out")),
                (
                    "author",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lead",
                        to="social.author",
                        verbose_name="author",
                    ),
                ),
                (
                    "expert",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="lead",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "evidence",
                    models.ManyToManyField(
                        related_name="evidence_of", to="social.post", verbose_name="evidence"
                    ),
                ),
            ],
            options={
                "verbose_name": "lead",
                "verbose_name_plural": "leads",
                "permissions": [("erase_lead", "Can erase what is held about a lead")],
                "indexes": [models.Index(fields=["market", "-seen_at"], name="lead_of_market")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("high_potential", False),
                            models.Q(
                                ("engagement__gte", Decimal("3")),
                                ("engagement__isnull", False),
                                ("fit", "high"),
                                ("followers__gte", 10000),
                                ("followers__isnull", False),
                                ("opted_out_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="lead_high_potential",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("engagement", None), ("engagement__gte", 0), _connector="OR"),
                        name="lead_engagement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeadSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("followers", models.PositiveIntegerField(blank=True, null=True, verbose_name="followers")),
                (
                    "engagement",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="engagement in %"
                    ),
                ),
                ("posts_counted", models.PositiveIntegerField(verbose_name="posts in 30 days")),
                (
                    "lead",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="samples",
                        to="social.lead",
                        verbose_name="lead",
                    ),
                ),
            ],
            options={
                "verbose_name": "lead's day",
                "verbose_name_plural": "lead's days",
                "constraints": [models.UniqueConstraint(fields=("lead", "day"), name="lead_sample_unique")],
            },
        ),
        migrations.CreateModel(
            name="Outreach",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("identified", "identified"),
                            ("drafted", "drafted"),
                            ("customised", "customised"),
                            ("approved", "approved"),
                            ("sent", "sent"),
                            ("replied", "replied"),
                            ("converted", "converted"),
                            ("skipped", "skipped"),
                            ("declined", "declined"),
                            ("opted_out", "opted out"),
                        ],
                        default="identified",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("variants", models.JSONField(blank=True, default=list, verbose_name="variants")),
                (
                    "grounds",
                    models.JSONField(blank=True, default=list, verbose_name="posts behind the variants"),
                ),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        choices=[("model", "by a model"), ("counted", "from stored facts alone")],
                        max_length=7,
                        verbose_name="written",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=6, default=Decimal("0"), max_digits=12, verbose_name="cost (USD)"
                    ),
                ),
                ("drafted_at", models.DateTimeField(blank=True, null=True, verbose_name="drafted")),
                ("customised_at", models.DateTimeField(blank=True, null=True, verbose_name="customised")),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="message")),
                ("value_reach", models.PositiveIntegerField(blank=True, null=True, verbose_name="by reach")),
                (
                    "value_bookings",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="by bookings"),
                ),
                (
                    "value_content",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="by content"),
                ),
                (
                    "value",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="value a month (USD)"),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("high", "high"), ("normal", "normal")],
                        default="normal",
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="claimed")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("send_after", models.DateTimeField(blank=True, null=True, verbose_name="sent not before")),
                ("send_note", models.TextField(blank=True, verbose_name="sending")),
                (
                    "recipient",
                    models.CharField(blank=True, max_length=20, verbose_name="recipient’s number at X"),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("reply", models.TextField(blank=True, max_length=2000, verbose_name="reply")),
                ("replied_at", models.DateTimeField(blank=True, null=True, verbose_name="replied")),
                ("converted_at", models.DateTimeField(blank=True, null=True, verbose_name="converted")),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="reason")),
                (
                    "slack_message",
                    models.CharField(blank=True, max_length=120, verbose_name="message in Slack"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found")),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="moved")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="claimed by",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outreaches",
                        to="social.lead",
                        verbose_name="lead",
                    ),
                ),
                (
                    "grounded_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="social.post",
                        verbose_name="grounded on",
                    ),
                ),
            ],
            options={
                "verbose_name": "outreach",
                "verbose_name_plural": "outreach",
                "permissions": [("decide_outreach", "Can approve, customise, skip and send messages")],
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="outreach_due"),
                    models.Index(
                        condition=models.Q(("send_after__isnull", False)),
                        fields=["send_after"],
                        name="outreach_to_send",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["identified", "drafted", "customised", "approved", "sent", "replied"],
                            )
                        ),
                        fields=("lead",),
                        name="outreach_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("sent_at", None),
                                (
                                    "state__in",
                                    [
                                        "identified",
                                        "drafted",
                                        "customised",
                                        "skipped",
                                        "declined",
                                        "opted_out",
                                    ],
                                ),
                            ),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_by__isnull", False),
                                models.Q(("text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="outreach_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["sent", "replied", "converted"]), _negated=True),
                            ("sent_at__isnull", False),
                            _connector="OR",
                        ),
                        name="outreach_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "skipped"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="outreach_skipped",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("value", None),
                                ("value_bookings", None),
                                ("value_content", None),
                                ("value_reach", None),
                            ),
                            models.Q(
                                (
                                    "value",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("value_reach"), "+", models.F("value_bookings")
                                        ),
                                        "+",
                                        models.F("value_content"),
                                    ),
                                ),
                                ("value__isnull", False),
                                ("value_bookings__isnull", False),
                                ("value_content__isnull", False),
                                ("value_reach__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="outreach_value",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("claimed_by", None), ("claimed_at__isnull", False), _connector="OR"
                        ),
                        name="outreach_claimed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("send_after", None), ("state", "approved"), _connector="OR"),
                        name="outreach_send_after",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "replied"), _negated=True),
                            ("replied_at__isnull", False),
                            _connector="OR",
                        ),
                        name="outreach_replied",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.BigIntegerField(verbose_name="person")),
                ("handle", models.CharField(blank=True, max_length=30, verbose_name="handle")),
                (
                    "kind",
                    models.CharField(
                        choices=[("message", "message sent"), ("opt_out", "opted out"), ("erased", "erased")],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="not again before")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "outreach",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contact",
                        to="social.outreach",
                        verbose_name="outreach",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "indexes": [
                    models.Index(fields=["person"], name="contact_person"),
                    models.Index(
                        condition=models.Q(("kind", "message")), fields=["at"], name="contact_message_at"
                    ),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("kind", "message")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("person"),
                                    models.F("person"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("at"),
                                    models.F("until"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="contact_silence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "message"),
                                (
                                    "until__gte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("at"), "+", models.Value(datetime.timedelta(days=90))
                                    ),
                                ),
                                ("until__isnull", False),
                            ),
                            models.Q(("kind__in", ["opt_out", "erased"]), ("until", None)),
                            _connector="OR",
                        ),
                        name="contact_until",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "message"), _negated=True),
                        fields=("person", "kind"),
                        name="contact_said_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("social", "social commerce"),
                            ("partner", "partnerships"),
                            ("content", "content ideas"),
                        ],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                ("event", models.CharField(max_length=40, verbose_name="event")),
                ("facts", models.JSONField(blank=True, default=dict, verbose_name="facts")),
                ("url", models.CharField(blank=True, max_length=300, verbose_name="leads to")),
                (
                    "channel",
                    models.CharField(
                        choices=[("inbox", "inbox"), ("slack", "Slack")],
                        default="inbox",
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("delivered", "delivered"), ("failed", "failed")],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("message_id", models.CharField(blank=True, max_length=120, verbose_name="message")),
                ("batch", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="made with")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered")),
                (
                    "market",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "permissions": [("retry_alert", "Can send an alert again")],
                "indexes": [
                    models.Index(fields=["kind", "-created_at"], name="alert_newest"),
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["created_at"], name="alert_waiting"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url", ""),
                            models.Q(
                                ("url__startswith", "/"), models.Q(("url__startswith", "//"), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="alert_url",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("delivered_at__isnull", False), ("state", "delivered")),
                            models.Q(("delivered_at", None), ("state__in", ["waiting", "failed"])),
                            _connector="OR",
                        ),
                        name="alert_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="alert_failed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "alert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reads",
                        to="social.alert",
                        verbose_name="alert",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="read by",
                    ),
                ),
            ],
            options={
                "verbose_name": "read mark",
                "verbose_name_plural": "read marks",
                "constraints": [models.UniqueConstraint(fields=("alert", "user"), name="alert_read_unique")],
            },
        ),
        migrations.CreateModel(
            name="SlackUser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slack_id", models.CharField(max_length=30, unique=True, verbose_name="id in Slack")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slack",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="member of staff",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of staff in Slack",
                "verbose_name_plural": "staff in Slack",
            },
        ),
        migrations.CreateModel(
            name="SlackPress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signature", models.CharField(max_length=100, unique=True, verbose_name="signature")),
                ("slack_id", models.CharField(max_length=30, verbose_name="id in Slack")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("approve", "approve and send"),
                            ("ask_text", "ask for another text"),
                            ("customise", "customise"),
                            ("ask_reason", "ask for a reason"),
                            ("skip", "skip"),
                        ],
                        max_length=10,
                        verbose_name="act",
                    ),
                ),
                ("given", models.JSONField(blank=True, default=dict, verbose_name="given")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("outcome", models.TextField(blank=True, verbose_name="outcome")),
                (
                    "outreach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presses",
                        to="social.outreach",
                        verbose_name="outreach",
                    ),
                ),
            ],
            options={
                "verbose_name": "button used in Slack",
                "verbose_name_plural": "buttons used in Slack",
            },
        ),
        migrations.CreateModel(
            name="Trend",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=120, verbose_name="topic")),
                ("key", models.CharField(max_length=120, verbose_name="key")),
                ("words", models.JSONField(blank=True, default=list, verbose_name="counted by these words")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("restaurant", "restaurant"),
                            ("activity", "activity"),
                            ("attraction", "attraction"),
                            ("neighbourhood", "neighbourhood"),
                            ("event", "event"),
                            ("other", "other"),
                        ],
                        default="other",
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                (
                    "sentiment",
                    models.CharField(
                        choices=[("positive", "positive"), ("neutral", "neutral"), ("negative", "negative")],
                        max_length=8,
                        verbose_name="sentiment",
                    ),
                ),
                ("sentiment_score", models.SmallIntegerField(verbose_name="sentiment, −100 to 100")),
                (
                    "opportunity",
                    models.CharField(
                        choices=[("high", "high"), ("medium", "medium"), ("low", "low")],
                        max_length=6,
                        verbose_name="opportunity",
                    ),
                ),
                ("opportunity_reason", models.TextField(blank=True, max_length=600, verbose_name="why")),
                ("pain_points", models.JSONField(blank=True, default=list, verbose_name="pain points")),
                ("seasonal", models.TextField(blank=True, max_length=600, verbose_name="seasonal notes")),
                ("newer", models.JSONField(blank=True, default=dict, verbose_name="newer words")),
                (
                    "origin",
                    models.CharField(
                        choices=[("model", "worded by a model"), ("counted", "counted without a model")],
                        max_length=7,
                        verbose_name="origin",
                    ),
                ),
                ("mentions", models.PositiveIntegerField(default=0, verbose_name="mentions")),
                (
                    "estimate",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="the model's estimate"),
                ),
                (
                    "first_seen",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="first seen"),
                ),
                (
                    "last_seen",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="last seen"),
                ),
                ("valid_until", models.DateTimeField(verbose_name="valid until")),
                (
                    "state",
                    models.CharField(
                        choices=[("found", "to review"), ("approved", "approved"), ("rejected", "rejected")],
                        default="found",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("kept_apart", models.BooleanField(default=False, verbose_name="kept apart")),
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
                    "market",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trends",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="social.trend",
                        verbose_name="part of",
                    ),
                ),
            ],
            options={
                "verbose_name": "trend",
                "verbose_name_plural": "trends",
                "permissions": [("decide_trend", "Can approve, merge and split trends")],
                "indexes": [models.Index(fields=["market", "-last_seen"], name="trend_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("market", "key"), name="trend_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sentiment", "positive"), ("sentiment_score__range", (20, 100))),
                            models.Q(("sentiment", "neutral"), ("sentiment_score__range", (-19, 19))),
                            models.Q(("sentiment", "negative"), ("sentiment_score__range", (-100, -20))),
                            _connector="OR",
                        ),
                        name="trend_sentiment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                models.Q(("merged_into", models.F("id")), _negated=True),
                                ("kept_apart", False),
                            ),
                            _connector="OR",
                        ),
                        name="trend_merged",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "found")),
                            models.Q(("decided_at__isnull", False), ("state__in", ["approved", "rejected"])),
                            _connector="OR",
                        ),
                        name="trend_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_seen__gte", models.F("first_seen")),
                            ("valid_until__gt", models.F("last_seen")),
                            (
                                "valid_until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("last_seen"), "+", models.Value(datetime.timedelta(days=14))
                                ),
                            ),
                        ),
                        name="trend_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrendPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("example", models.BooleanField(default=False, verbose_name="example")),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="social.post",
                        verbose_name="post",
                    ),
                ),
                (
                    "trend",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentioned",
                        to="social.trend",
                        verbose_name="trend",
                    ),
                ),
            ],
            options={
                "verbose_name": "mention",
                "verbose_name_plural": "mentions",
                "constraints": [models.UniqueConstraint(fields=("trend", "post"), name="trend_post_unique")],
            },
        ),
        migrations.AddField(
            model_name="trend",
            name="posts",
            field=models.ManyToManyField(related_name="trends", through="social.TrendPost", to="social.post"),
        ),
        migrations.CreateModel(
            name="TrendSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("mentions", models.PositiveIntegerField(verbose_name="mentions")),
                ("sentiment_score", models.SmallIntegerField(verbose_name="sentiment, −100 to 100")),
                (
                    "trend",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="samples",
                        to="social.trend",
                        verbose_name="trend",
                    ),
                ),
            ],
            options={
                "verbose_name": "trend's day",
                "verbose_name_plural": "trend's days",
                "constraints": [models.UniqueConstraint(fields=("trend", "day"), name="trend_sample_unique")],
            },
        ),
        migrations.CreateModel(
            name="Idea",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("reel", "Instagram reel"),
                            ("tiktok", "TikTok"),
                            ("blog", "blog"),
                            ("thread", "X thread"),
                            ("short", "YouTube short"),
                        ],
                        max_length=6,
                        verbose_name="channel",
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("subject", models.BigIntegerField(verbose_name="subject")),
                ("hook", models.CharField(max_length=300, verbose_name="hook")),
                ("outline", models.JSONField(default=list, verbose_name="outline")),
                (
                    "origin",
                    models.CharField(
                        choices=[("model", "worded by a model"), ("counted", "counted without a model")],
                        max_length=7,
                        verbose_name="origin",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("used", "used"), ("rejected", "rejected")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("made_on", models.DateField(verbose_name="made on")),
                ("rests_until", models.DateField(verbose_name="not again before")),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="content_ideas",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "posts",
                    models.ManyToManyField(
                        blank=True, related_name="ideas", to="social.post", verbose_name="posts"
                    ),
                ),
                (
                    "trend",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ideas",
                        to="social.trend",
                        verbose_name="trend",
                    ),
                ),
            ],
            options={
                "verbose_name": "content idea",
                "verbose_name_plural": "content ideas",
                "permissions": [("decide_idea", "Can use and reject content ideas")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("market"),
                                    models.F("market"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("subject"),
                                    models.F("subject"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "made_on",
                                    "rests_until",
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="idea_not_repeated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rests_until__gte",
                                django.db.models.functions.comparison.Cast(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("made_on"), "+", models.Value(datetime.timedelta(days=60))
                                    ),
                                    models.DateField(),
                                ),
                            )
                        ),
                        name="idea_rest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdeaRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("done", "done"), ("failed", "failed")],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=6, default=Decimal("0"), max_digits=12, verbose_name="cost (USD)"
                    ),
                ),
                ("made", models.PositiveSmallIntegerField(default=0, verbose_name="ideas")),
                ("dropped", models.PositiveIntegerField(default=0, verbose_name="claims dropped")),
                ("drops", models.JSONField(blank=True, default=list, verbose_name="dropped")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="idea_rounds",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "round of ideas",
                "verbose_name_plural": "rounds of ideas",
                "indexes": [models.Index(fields=["market", "-asked_at"], name="idea_round_of_market")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("market",),
                        name="idea_round_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "waiting")),
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed"])),
                            _connector="OR",
                        ),
                        name="idea_round_finished",
                    ),
                    models.CheckConstraint(condition=models.Q(("cost__gte", 0)), name="idea_round_cost"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="name")),
                ("brief", models.TextField(max_length=4000, verbose_name="brief")),
                ("audience", models.CharField(blank=True, max_length=300, verbose_name="audience")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("reel", "Instagram reel"),
                            ("tiktok", "TikTok"),
                            ("blog", "blog"),
                            ("thread", "X thread"),
                            ("short", "YouTube short"),
                        ],
                        max_length=6,
                        verbose_name="channel",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                (
                    "budget",
                    models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name="budget"),
                ),
                ("currency", models.CharField(default="USD", max_length=3, verbose_name="currency")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("running", "running"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                        ],
                        default="planned",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("results", models.JSONField(blank=True, default=dict, verbose_name="results")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="campaigns",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="campaigns",
                        to="social.idea",
                        verbose_name="idea",
                    ),
                ),
                (
                    "trend",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="campaigns",
                        to="social.trend",
                        verbose_name="trend",
                    ),
                ),
                (
                    "viral",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="campaigns",
                        to="social.viralmoment",
                        verbose_name="viral moment",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "indexes": [models.Index(fields=["starts_on"], name="campaign_starts")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="campaign_days"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("budget__gte", 0), ("currency__regex", "^[A-Z]{3}$")),
                        name="campaign_budget",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("reel", "Instagram reel"),
                            ("tiktok", "TikTok"),
                            ("blog", "blog"),
                            ("thread", "X thread"),
                            ("short", "YouTube short"),
                        ],
                        max_length=6,
                        verbose_name="channel",
                    ),
                ),
                ("text", models.TextField(max_length=20000, verbose_name="text")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("ready", "ready"), ("published", "published")],
                        default="draft",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("planned_for", models.DateTimeField(blank=True, null=True, verbose_name="planned for")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="drafts",
                        to="social.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="edited by",
                    ),
                ),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="social.idea",
                        verbose_name="idea",
                    ),
                ),
            ],
            options={
                "verbose_name": "post draft",
                "verbose_name_plural": "post drafts",
                "constraints": [
                    models.UniqueConstraint(fields=("idea", "channel"), name="post_draft_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("state", "published")),
                            models.Q(models.Q(("state", "published"), _negated=True), ("published_at", None)),
                            _connector="OR",
                        ),
                        name="post_draft_published",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SocialSettings",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "stopped",
                    models.BooleanField(
                        default=False,
                        help_text="While it is on, no message leaves, approved or not.",
                        verbose_name="sending is stopped",
                    ),
                ),
                (
                    "daily_cap",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="Over all markets, in a day of UTC.",
                        verbose_name="messages a day",
                    ),
                ),
                (
                    "quiet_from",
                    models.PositiveSmallIntegerField(
                        default=21,
                        help_text="By the clock of whoever is written to.",
                        validators=[
                            django.core.validators.MaxValueValidator(23, "An hour is a number from 0 to 23.")
                        ],
                        verbose_name="quiet from (hour)",
                    ),
                ),
                (
                    "quiet_until",
                    models.PositiveSmallIntegerField(
                        default=9,
                        validators=[
                            django.core.validators.MaxValueValidator(23, "An hour is a number from 0 to 23.")
                        ],
                        verbose_name="quiet until (hour)",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule of sending",
                "verbose_name_plural": "sending rules",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="social_settings_one_row"),
                    models.CheckConstraint(
                        condition=models.Q(("quiet_from__lt", 24), ("quiet_until__lt", 24)),
                        name="social_settings_hours",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Monitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "accounts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            max_length=30,
                            validators=[
                                django.core.validators.RegexValidator(
                                    "^[A-Za-z0-9_]{1,30}\\Z",
                                    "A handle has letters, digits and _ alone, no @.",
                                )
                            ],
                        ),
                        blank=True,
                        default=list,
                        help_text="Handles without @, separated by commas.",
                        size=50,
                        verbose_name="accounts",
                    ),
                ),
                (
                    "hashtags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            max_length=61,
                            validators=[
                                django.core.validators.RegexValidator(
                                    "^#\\w{1,60}\\Z", "A hashtag is written as #Kyoto."
                                )
                            ],
                        ),
                        blank=True,
                        default=list,
                        help_text="With #, separated by commas.",
                        size=50,
                        verbose_name="hashtags",
                    ),
                ),
                ("paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "interval",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="minutes between rounds",
                    ),
                ),
                (
                    "cost_cap",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("5"),
                        max_digits=8,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="daily budget (USD)",
                    ),
                ),
                ("last_run_at", models.DateTimeField(blank=True, null=True, verbose_name="last round")),
                ("unread", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "market",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="monitor",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "watched market",
                "verbose_name_plural": "watched markets",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("interval__range", (5, 1440))), name="monitor_interval"
                    ),
                    models.CheckConstraint(condition=models.Q(("cost_cap__gte", 0)), name="monitor_cost_cap"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slot", models.DateTimeField(verbose_name="due at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("read", "posts read"),
                            ("done", "done"),
                            ("skipped", "skipped"),
                            ("failed", "failed"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=8, verbose_name="source")),
                ("since", models.DateTimeField(verbose_name="posts from")),
                ("until", models.DateTimeField(verbose_name="posts until")),
                ("complete", models.BooleanField(default=False, verbose_name="complete")),
                (
                    "gap_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="yet to be read until"),
                ),
                (
                    "started_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="started"),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=6, default=Decimal("0"), max_digits=12, verbose_name="cost (USD)"
                    ),
                ),
                ("posts_seen", models.PositiveIntegerField(default=0, verbose_name="posts read")),
                ("posts_new", models.PositiveIntegerField(default=0, verbose_name="of them new")),
                ("viral", models.PositiveIntegerField(default=0, verbose_name="viral moments")),
                ("trends", models.PositiveIntegerField(default=0, verbose_name="trends")),
                ("leads", models.PositiveIntegerField(default=0, verbose_name="leads")),
                ("dropped", models.PositiveIntegerField(default=0, verbose_name="claims dropped")),
                ("drops", models.JSONField(blank=True, default=list, verbose_name="dropped")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "market",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="social_runs",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "round",
                "verbose_name_plural": "rounds",
                "permissions": [("start_run", "Can start a round")],
                "indexes": [models.Index(fields=["market", "-started_at"], name="social_run_of_market")],
                "constraints": [
                    models.UniqueConstraint(fields=("market", "slot"), name="social_run_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "read"])),
                        fields=("market",),
                        name="social_run_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="social_run_window"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gap_until", None),
                            models.Q(
                                ("complete", False),
                                ("gap_until__gt", models.F("since")),
                                ("gap_until__lte", models.F("until")),
                            ),
                            _connector="OR",
                        ),
                        name="social_run_gap",
                    ),
                    models.CheckConstraint(condition=models.Q(("cost__gte", 0)), name="social_run_cost"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state__in", ["queued", "read"])),
                            models.Q(
                                ("finished_at__isnull", False), ("state__in", ["done", "skipped", "failed"])
                            ),
                            _connector="OR",
                        ),
                        name="social_run_finished",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "what",
                    models.CharField(
                        choices=[("reading", "reading posts"), ("asking", "questions to a model")],
                        max_length=7,
                        verbose_name="what for",
                    ),
                ),
                ("usd", models.DecimalField(decimal_places=6, max_digits=12, verbose_name="USD")),
                (
                    "market",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="markets.market",
                        verbose_name="market",
                    ),
                ),
            ],
            options={
                "verbose_name": "expense",
                "verbose_name_plural": "expenses",
                "indexes": [models.Index(fields=["market", "at"], name="spending_of_market")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("usd__gte", 0)), name="spending_usd")
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="contact_opted_out",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.kind = 'message' AND EXISTS (\n        SELECT FROM social_contact WHERE person = NEW.person AND kind IN ('opt_out', 'erased')\n    ) THEN\n        RAISE EXCEPTION 'This person is not to be written to.'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'contact_opted_out';\n    END IF;\n    RETURN NULL;\n",
                    hash="8e5277c4a966fbeab2d23a4a9472ea3e42d908b5",
                    operation="INSERT",
                    pgid="pgtrigger_contact_opted_out_2db7b",
                    table="social_contact",
                    when="AFTER",
                ),
            ),
        ),
    ]
