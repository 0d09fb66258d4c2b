import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("bookings", "0001_initial"),
        ("experts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tool",
                    models.CharField(
                        choices=[
                            ("bio", "bio"),
                            ("service", "service description"),
                            ("itinerary", "itinerary"),
                            ("inquiry", "reply to an inquiry"),
                            ("translate", "translation"),
                            ("seo", "search texts"),
                        ],
                        max_length=9,
                        verbose_name="tool",
                    ),
                ),
                ("params", models.JSONField(default=dict, verbose_name="wishes")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("applied", "in use"), ("discarded", "discarded")],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=200, verbose_name="key")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for"),
                ),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="applied")),
                ("replaced", models.JSONField(default=dict, verbose_name="replaced")),
                ("outcome", models.JSONField(default=dict, verbose_name="outcome")),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="experts.expert",
                        verbose_name="expert",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="bookings.inquiry",
                        verbose_name="inquiry",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="experts.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="content_assistant.draft",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "indexes": [models.Index(fields=["expert", "-id"], name="draft_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("expert", "key"), name="draft_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("tool", "service"), ("service", None), ("tool", "translate"), _connector="OR"
                            ),
                            models.Q(
                                models.Q(("inquiry__isnull", False), ("tool", "inquiry")),
                                models.Q(models.Q(("tool", "inquiry"), _negated=True), ("inquiry", None)),
                                _connector="OR",
                            ),
                            models.Q(("tool", "translate"), ("source", None), _connector="OR"),
                        ),
                        name="draft_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("applied_at__isnull", False), ("state", "applied")),
                            models.Q(("state", "applied"), _negated=True),
                            _connector="OR",
                        ),
                        name="draft_applied",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("running", "being written"),
                            ("ready", "ready"),
                            ("held", "being looked at by our team"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                            ("rejected", "not approved"),
                        ],
                        default="queued",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("model", "language model"),
                            ("offline", "template"),
                            ("expert", "expert"),
                            ("staff", "our team"),
                        ],
                        max_length=7,
                        verbose_name="written by",
                    ),
                ),
                ("wish", models.CharField(blank=True, max_length=300, verbose_name="wish")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("data", models.JSONField(default=dict, verbose_name="data")),
                ("findings", models.JSONField(default=list, verbose_name="findings")),
                ("claims", models.JSONField(default=list, verbose_name="claims")),
                ("citations", models.JSONField(default=list, verbose_name="citations")),
                ("facts", models.CharField(blank=True, max_length=64, verbose_name="digest of the facts")),
                (
                    "prompt_version",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="prompt version"),
                ),
                ("model", models.CharField(blank=True, max_length=100, verbose_name="model")),
                ("notice", models.CharField(blank=True, max_length=300, verbose_name="notice")),
                ("error", models.CharField(blank=True, max_length=300, verbose_name="error")),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=6, default=0, max_digits=12, verbose_name="cost in USD"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for"),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "draft",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="content_assistant.draft",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a draft",
                "verbose_name_plural": "versions of drafts",
                "constraints": [
                    models.UniqueConstraint(fields=("draft", "number"), name="version_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("draft",),
                        name="version_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state__in", ["queued", "running"])),
                            models.Q(
                                models.Q(("state__in", ["queued", "running"]), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="version_finished",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verdicts", models.JSONField(verbose_name="why it was held")),
                (
                    "held_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="held back"),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="taken")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "approved"),
                            ("edited", "edited and approved"),
                            ("rejected", "rejected"),
                        ],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken by",
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
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ruling",
                        to="content_assistant.version",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "held draft",
                "verbose_name_plural": "held drafts",
                "permissions": [("decide_ruling", "Can decide on held drafts")],
                "indexes": [
                    models.Index(condition=models.Q(("decision", "")), fields=["held_at"], name="ruling_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decision", "")),
                            models.Q(
                                ("decision__in", ["approved", "edited", "rejected"]),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ruling_decided",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assistant_token",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
            },
        ),
    ]
