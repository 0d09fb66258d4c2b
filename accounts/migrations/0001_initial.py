import accounts.models
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[accounts.models.validate_time_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("en-gb", "British English"), ("de", "German")],
                        default="en",
                        help_text="Of mails.",
                        max_length=8,
                        verbose_name="language",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, help_text="May enter the admin.", verbose_name="staff"
                    ),
                ),
                (
                    "is_demo",
                    models.BooleanField(default=False, help_text="Made by load_demo.", verbose_name="demo"),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "permissions": [
                    ("export_user", "Can have a person's data exported for them"),
                    ("erase_user", "Can erase accounts"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UserIsStaffIsSuperuserIsActiveEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, help_text="May enter the admin.", verbose_name="staff"
                    ),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
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
                        related_name="is_staff_is_superuser_is_active_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="UserRole",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.user_groups",),
        ),
        migrations.CreateModel(
            name="UserRoleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="auth.group",
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
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_tablespace="",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("action", models.CharField(max_length=64, verbose_name="action")),
                ("target_type", models.CharField(max_length=64, verbose_name="kind of target")),
                ("target_id", models.BigIntegerField(verbose_name="target")),
                ("detail", models.JSONField(blank=True, default=dict, verbose_name="detail")),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="actor",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit event",
                "verbose_name_plural": "audit events",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["target_type", "target_id", "-id"], name="audit_target")],
            },
        ),
        migrations.CreateModel(
            name="Archive",
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
                        choices=[("waiting", "being made"), ("ready", "ready"), ("failed", "failed")],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for"),
                ),
                ("ready_at", models.DateTimeField(blank=True, null=True, verbose_name="ready")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="size in bytes")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="archives",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "archive of personal data",
                "verbose_name_plural": "archives of personal data",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("user",), name="archive_one_waiting"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ready_at__isnull", False), ("state", "ready")),
                            models.Q(models.Q(("state", "ready"), _negated=True), ("ready_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="archive_ready",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchivePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "archive",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="accounts.archive",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an archive",
                "verbose_name_plural": "parts of archives",
                "constraints": [models.UniqueConstraint(fields=("archive", "number"), name="archive_part")],
            },
        ),
        migrations.CreateModel(
            name="NoticePreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=64)),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("now", "by e-mail at once"),
                            ("digest", "in the daily e-mail"),
                            ("site", "only on the site"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notice preference",
                "verbose_name_plural": "notice preferences",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="notice_preference_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("delivery__in", ["now", "digest", "site"])),
                        name="notice_preference_delivery",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(blank=True, null=True, verbose_name="digest of")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "under way"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("dropped", "not needed any more"),
                        ],
                        default="due",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="asked"
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_mails",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail of notices",
                "verbose_name_plural": "mails of notices",
                "permissions": [("send_again_noticemail", "Can send failed mails of notices again")],
                "indexes": [models.Index(fields=["state", "-id"], name="notice_mail_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "day"), name="notice_mail_one_digest_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(("sent_at__isnull", True), ("state__in", ["due", "failed", "dropped"])),
                            _connector="OR",
                        ),
                        name="notice_mail_sent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=200)),
                (
                    "facts",
                    models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("url", models.CharField(blank=True, max_length=500)),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("now", "by e-mail at once"),
                            ("digest", "in the daily e-mail"),
                            ("site", "only on the site"),
                        ],
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "about",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="accounts.noticemail",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "indexes": [
                    models.Index(fields=["user", "-id"], name="notice_newest"),
                    models.Index(
                        condition=models.Q(("read_at", None)), fields=["user", "-id"], name="notice_unread"
                    ),
                    models.Index(
                        condition=models.Q(("delivery", "digest"), ("mail", None), ("read_at", None)),
                        fields=["user", "created_at"],
                        name="notice_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("mail__isnull", False)), fields=["mail"], name="notice_of_mail"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="notice_told_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("delivery__in", ["now", "digest"]),
                            models.Q(("delivery", "site"), ("mail__isnull", True)),
                            _connector="OR",
                        ),
                        name="notice_delivery",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url", ""),
                            models.Q(
                                ("url__startswith", "/"),
                                models.Q(("url__startswith", "//"), _negated=True),
                                models.Q(("url__startswith", "/\\"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notice_url",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser"))',
                    func='INSERT INTO "accounts_userisstaffissuperuserisactiveevent" ("is_active", "is_staff", "is_superuser", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."is_active", NEW."is_staff", NEW."is_superuser", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="5ca60e6f5f9cbd16559e428991976aee5b3b7e4a",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0e890",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userrole",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userroleevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") VALUES (NEW."group_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."user_id"); RETURN NULL;',
                    hash="6d79b3b3b8950b4ab307af828e0fc409b1f162e2",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c200e",
                    table="accounts_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userrole",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userroleevent" ("group_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "user_id") VALUES (OLD."group_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."user_id"); RETURN NULL;',
                    hash="18799a208892464ea42d54d88042c9de9e979a56",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_15b35",
                    table="accounts_user_groups",
                    when="AFTER",
                ),
            ),
        ),
    ]
