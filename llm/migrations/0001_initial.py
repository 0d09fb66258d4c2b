import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ask_id", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="question")),
                ("attempt", models.PositiveSmallIntegerField(default=1, verbose_name="attempt")),
                ("allowance", models.CharField(max_length=16, verbose_name="allowance")),
                ("purpose", models.CharField(max_length=40, verbose_name="purpose")),
                ("prompt", models.CharField(max_length=80, verbose_name="prompt")),
                ("prompt_version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "source",
                    models.CharField(
                        choices=[("model", "model"), ("cache", "cache"), ("offline", "offline writer")],
                        default="model",
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                ("route", models.CharField(blank=True, max_length=80, verbose_name="route")),
                ("model", models.CharField(blank=True, max_length=80, verbose_name="resolved model")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("answered", "answered"),
                            ("failed", "failed"),
                            ("abandoned", "abandoned"),
                        ],
                        default="running",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("timeout", "timeout"),
                            ("unreachable", "unreachable"),
                            ("rate_limited", "rate limited"),
                            ("server_error", "server error"),
                            ("malformed", "malformed"),
                            ("bad_key", "bad key"),
                            ("unknown_model", "unknown model"),
                            ("bad_request", "bad request"),
                            ("too_long", "too long"),
                            ("refused", "refused"),
                            ("truncated", "truncated"),
                            ("filtered", "filtered"),
                            ("invalid", "invalid"),
                            ("leaked", "leaked"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=16,
                        verbose_name="failure",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="error")),
                (
                    "usage_state",
                    models.CharField(
                        choices=[
                            ("none", "nothing was used"),
                            ("reported", "reported"),
                            ("missing", "not reported"),
                        ],
                        default="none",
                        max_length=8,
                        verbose_name="usage",
                    ),
                ),
                ("input_tokens", models.PositiveIntegerField(null=True, verbose_name="input tokens")),
                ("cached_tokens", models.PositiveIntegerField(null=True, verbose_name="of these cached")),
                ("output_tokens", models.PositiveIntegerField(null=True, verbose_name="output tokens")),
                (
                    "reasoning_tokens",
                    models.PositiveIntegerField(null=True, verbose_name="of these reasoning"),
                ),
                ("tool_units", models.JSONField(default=dict, verbose_name="tool calls")),
                ("raw_usage", models.JSONField(default=dict, verbose_name="usage as reported")),
                ("charged_ticks", models.BigIntegerField(default=0, verbose_name="charged to the budget")),
                ("computed_ticks", models.BigIntegerField(null=True, verbose_name="cost computed")),
                ("reported_ticks", models.BigIntegerField(null=True, verbose_name="cost reported")),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="started"
                    ),
                ),
                ("lease_expires_at", models.DateTimeField(null=True, verbose_name="given up at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("duration_ms", models.PositiveIntegerField(null=True, verbose_name="milliseconds")),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
                (
                    "provider_request_id",
                    models.CharField(blank=True, max_length=120, verbose_name="provider's request"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="llm_calls",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "model call",
                "verbose_name_plural": "model calls",
                "permissions": [("test_route", "Can test routes to language models")],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("started_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="call_newest",
                    ),
                    models.Index(
                        models.F("user"),
                        models.OrderBy(models.F("started_at"), descending=True),
                        name="call_of_user",
                    ),
                    models.Index(models.F("ask_id"), name="call_ask"),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("state", "running")),
                        name="call_running",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                models.Q(("finished_at", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="call_finished_unless_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source", "model"),
                            models.Q(("charged_ticks", 0), ("state", "answered"), ("usage_state", "none")),
                            _connector="OR",
                        ),
                        name="call_only_models_cost",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("input_tokens__isnull", False),
                                ("output_tokens__isnull", False),
                                ("usage_state", "reported"),
                            ),
                            models.Q(
                                models.Q(("usage_state", "reported"), _negated=True),
                                ("computed_ticks", None),
                                ("input_tokens", None),
                                ("output_tokens", None),
                            ),
                            _connector="OR",
                        ),
                        name="call_tokens_where_reported",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), models.Q(("outcome", ""), _negated=True)),
                            models.Q(models.Q(("state", "failed"), _negated=True), ("outcome", "")),
                            _connector="OR",
                        ),
                        name="call_failure_has_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("charged_ticks__gte", 0)), name="call_charge_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallText",
            fields=[
                (
                    "call",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="llm.call",
                    ),
                ),
                ("prompt", models.TextField(verbose_name="prompt")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                ("verdicts", models.JSONField(default=list, verbose_name="verdicts")),
                ("kept_until", models.DateTimeField(db_index=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "text of a call",
                "verbose_name_plural": "texts of calls",
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=40, verbose_name="why")),
                ("provider", models.CharField(max_length=40, verbose_name="to whom")),
                ("replaced", models.JSONField(default=dict, verbose_name="details replaced")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="disclosures",
                        to="llm.call",
                        verbose_name="call",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="disclosures",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="whose data",
                    ),
                ),
            ],
            options={
                "verbose_name": "disclosure",
                "verbose_name_plural": "disclosures",
                "indexes": [
                    models.Index(
                        models.F("user"),
                        models.OrderBy(models.F("at"), descending=True),
                        name="disclosure_of_user",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Switch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=40, unique=True, verbose_name="purpose")),
                ("enabled", models.BooleanField(default=True, verbose_name="asks models")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "purpose",
                "verbose_name_plural": "purposes",
            },
        ),
        migrations.CreateModel(
            name="BudgetAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("ticks", models.BigIntegerField(verbose_name="spent")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                ("told_at", models.DateTimeField(null=True, verbose_name="told")),
            ],
            options={
                "verbose_name": "budget alert",
                "verbose_name_plural": "budget alerts",
            },
        ),
        migrations.CreateModel(
            name="StreamedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "being written"), ("done", "finished"), ("failed", "failed")],
                        default="open",
                        max_length=6,
                        verbose_name="state",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("error", models.CharField(blank=True, max_length=300, verbose_name="error")),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="started"
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "streamed text",
                "verbose_name_plural": "streamed texts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                models.Q(("finished_at", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="streamed_text_finished_unless_open",
                    )
                ],
            },
        ),
    ]
