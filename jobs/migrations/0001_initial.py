import datetime
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=200, verbose_name="task")),
                ("args", models.JSONField(default=dict, verbose_name="arguments")),
                ("queue", models.CharField(max_length=32, verbose_name="queue")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("dead", "dead letter"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("unique_key", models.CharField(blank=True, max_length=200, verbose_name="unique key")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("max_attempts", models.PositiveSmallIntegerField(verbose_name="attempts allowed")),
                ("fence", models.PositiveBigIntegerField(default=0, verbose_name="fencing number")),
                ("lease", models.DurationField(verbose_name="lease")),
                (
                    "lease_expires_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="lease expires"),
                ),
                (
                    "run_after",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="not before"
                    ),
                ),
                (
                    "publish_after",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="next publish"
                    ),
                ),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="asked"
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="last started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "permissions": [("replay_job", "Can replay dead letters")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["publish_after"],
                        name="job_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "done")), fields=["finished_at"], name="job_done"
                    ),
                    models.Index(fields=["state", "-id"], name="job_state_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "running"]), models.Q(("unique_key", ""), _negated=True)
                        ),
                        fields=("kind", "unique_key"),
                        name="job_unique_while_unfinished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("attempts__lte", models.F("max_attempts")),
                            ("max_attempts__gt", 0),
                            models.Q(
                                models.Q(("state", "queued"), _negated=True),
                                ("attempts__lt", models.F("max_attempts")),
                                _connector="OR",
                            ),
                        ),
                        name="job_attempts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lease__gt", datetime.timedelta(0))), name="job_lease"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_expires_at__isnull", False), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("lease_expires_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="job_lease_only_while_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "dead"])),
                            models.Q(("finished_at__isnull", True), ("state__in", ["queued", "running"])),
                            _connector="OR",
                        ),
                        name="job_finished_at_the_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200, unique=True, verbose_name="key")),
                (
                    "state",
                    models.CharField(
                        choices=[("tried", "under way"), ("done", "done"), ("unknown", "outcome unknown")],
                        default="tried",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="error")),
                (
                    "tried_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="tried"
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
                "permissions": [("retry_effect", "Can allow another try of an effect")],
                "indexes": [models.Index(fields=["state", "-id"], name="effect_state_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["tried", "done", "unknown"])), name="effect_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("done_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="effect_done_at",
                    ),
                ],
            },
        ),
    ]
