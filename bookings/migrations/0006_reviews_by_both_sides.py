import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0005_first_messages"),
        ("experts", "0004_service_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "review of a traveler",
                "verbose_name_plural": "reviews of travelers",
                "permissions": [("moderate_travelerreview", "Can hide and show reviews of travelers")],
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="review",
            options={
                "permissions": [("moderate_review", "Can hide and show reviews of experts")],
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
            },
        ),
        migrations.AddField(
            model_name="review",
            name="moderation_reason",
            field=models.TextField(blank=True, max_length=2000, verbose_name="reason given"),
        ),
        migrations.AddField(
            model_name="review",
            name="replied_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="replied"),
        ),
        migrations.AddField(
            model_name="review",
            name="reply",
            field=models.TextField(blank=True, max_length=2000, verbose_name="reply"),
        ),
        migrations.AddField(
            model_name="review",
            name="state",
            field=models.CharField(
                choices=[("waiting", "waiting"), ("published", "published"), ("hidden", "hidden")],
                default="waiting",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="written_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="written"),
        ),
        migrations.AlterField(
            model_name="review",
            name="published_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="published"),
        ),
        # Those written so far were published at once.
        migrations.RunSQL(
            "UPDATE bookings_review SET state = 'published', written_at = published_at",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["written_at"], name="review_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", True), ("state", "waiting")),
                    models.Q(("published_at__isnull", False), ("state__in", ["published", "hidden"])),
                    _connector="OR",
                ),
                name="review_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddField(
            model_name="travelerreview",
            name="booking",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="traveler_review",
                to="bookings.booking",
                verbose_name="booking",
            ),
        ),
        migrations.AddField(
            model_name="travelerreview",
            name="traveler",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews_by_experts",
                to=settings.AUTH_USER_MODEL,
                verbose_name="traveler",
            ),
        ),
        migrations.AddIndex(
            model_name="travelerreview",
            index=models.Index(fields=["traveler", "-published_at"], name="review_of_traveler"),
        ),
        migrations.AddIndex(
            model_name="travelerreview",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["written_at"],
                name="traveler_review_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="travelerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", True), ("state", "waiting")),
                    models.Q(("published_at__isnull", False), ("state__in", ["published", "hidden"])),
                    _connector="OR",
                ),
                name="travelerreview_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="travelerreview",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="travelerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__range", (1, 5))), name="travelerreview_stars"
            ),
        ),
    ]
