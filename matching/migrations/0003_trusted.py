import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import matching.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0003_taxonomy"),
        ("matching", "0002_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlgorithmVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20, unique=True, verbose_name="name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("shadow", "in the shadow"),
                            ("active", "active"),
                            ("retired", "retired"),
                        ],
                        default="draft",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("expertise_weight", models.PositiveSmallIntegerField(verbose_name="weight of expertise")),
                (
                    "communication_weight",
                    models.PositiveSmallIntegerField(verbose_name="weight of communication"),
                ),
                ("budget_weight", models.PositiveSmallIntegerField(verbose_name="weight of budget fit")),
                (
                    "availability_weight",
                    models.PositiveSmallIntegerField(verbose_name="weight of availability"),
                ),
                ("trust_weight", models.PositiveSmallIntegerField(verbose_name="weight of trust")),
                (
                    "review_prompt",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="0: no model looks at the list.",
                        verbose_name="prompt of the review",
                    ),
                ),
                (
                    "share",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Of a version in the shadow: on so many trips its list is mixed with the active one.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="share of trips in percent",
                    ),
                ),
                ("fit", models.JSONField(blank=True, null=True, verbose_name="how it was fitted")),
                ("reason", models.TextField(max_length=2000, verbose_name="why")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                ("activated_at", models.DateTimeField(blank=True, null=True, verbose_name="last activated")),
            ],
            options={
                "verbose_name": "algorithm version",
                "verbose_name_plural": "algorithm versions",
                "permissions": [("decide_algorithm", "Can fit, activate and retire algorithm versions")],
            },
        ),
        migrations.CreateModel(
            name="ExpertFit",
            fields=[
                (
                    "expert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="experts.expert",
                    ),
                ),
                ("report", models.JSONField(default=dict, verbose_name="report")),
                ("computed_at", models.DateTimeField(null=True, verbose_name="worked out")),
            ],
            options={
                "verbose_name": "fit of an expert",
                "verbose_name_plural": "fits of experts",
            },
        ),
        migrations.CreateModel(
            name="Exposure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reviewed", models.BooleanField(default=False, verbose_name="after the review")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "base_position",
                    models.PositiveSmallIntegerField(
                        help_text="Where it would stand without chance.", verbose_name="position by score"
                    ),
                ),
                (
                    "propensity",
                    models.FloatField(
                        help_text="The probability of standing where it stands.",
                        null=True,
                        verbose_name="propensity",
                    ),
                ),
                (
                    "team",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "none"),
                            ("active", "active version"),
                            ("challenger", "version in the shadow"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="team",
                    ),
                ),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="first seen")),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="profile first opened"),
                ),
            ],
            options={
                "verbose_name": "exposure",
                "verbose_name_plural": "exposures",
            },
        ),
        migrations.CreateModel(
            name="Feedback",
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
                        choices=[("traveler", "traveler"), ("expert", "expert")],
                        max_length=8,
                        verbose_name="side",
                    ),
                ),
                (
                    "factor",
                    models.CharField(
                        choices=[
                            ("expertise", "Expertise"),
                            ("communication", "Communication"),
                            ("budget", "Budget fit"),
                            ("availability", "Availability and logistics"),
                            ("trust", "Trust"),
                        ],
                        max_length=13,
                        verbose_name="factor",
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="what is wrong")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="said")),
            ],
            options={
                "verbose_name": "feedback on a score",
                "verbose_name_plural": "feedback on scores",
            },
        ),
        migrations.CreateModel(
            name="MatchInputs",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="inputs",
                        serialize=False,
                        to="matching.matchrun",
                    ),
                ),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "inputs of a run",
                "verbose_name_plural": "inputs of runs",
            },
        ),
        migrations.RemoveConstraint(
            model_name="matchscore",
            name="match_score_rank",
        ),
        migrations.AddField(
            model_name="matchreceipt",
            name="changes",
            field=models.JSONField(default=list, verbose_name="what would change it"),
        ),
        migrations.AddField(
            model_name="matchreceipt",
            name="review",
            field=models.JSONField(
                default=dict,
                help_text="The model's ratings and quotes, and what was dropped and why.",
                verbose_name="review",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="dropped",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="claims dropped"),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="language",
            field=models.CharField(default="en", max_length=8, verbose_name="language"),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="review",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("pending", "under way"),
                    ("done", "reviewed"),
                    ("offline", "no model connected"),
                    ("failed", "not reviewed"),
                ],
                default="",
                max_length=7,
                verbose_name="review",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="review_cost",
            field=models.DecimalField(
                decimal_places=10,
                default=Decimal("0"),
                max_digits=14,
                verbose_name="cost of the review in USD",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="review_note",
            field=models.CharField(blank=True, max_length=300, verbose_name="what the review says"),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="review_prompt",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="prompt of the review"),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="review_seed",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Shuffles the experts that the model sees.",
                verbose_name="seed of the review",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="reviewed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="reviewed at"),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="seed",
            field=models.PositiveIntegerField(
                default=matching.models.new_seed,
                help_text="Of what chance has to say about positions.",
                verbose_name="seed of the order",
            ),
        ),
        migrations.AddField(
            model_name="matchscore",
            name="communication_shift",
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name="communication moved by"),
        ),
        migrations.AddField(
            model_name="matchscore",
            name="expertise_shift",
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name="expertise moved by"),
        ),
        migrations.AddField(
            model_name="matchscore",
            name="position",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="position on the page"
            ),
        ),
        migrations.AlterField(
            model_name="matchrun",
            name="algorithm",
            field=models.CharField(
                help_text="The code that computed the factors.", max_length=20, verbose_name="formulas"
            ),
        ),
        migrations.AlterField(
            model_name="matchscore",
            name="hidden",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "shown"),
                    (1, "not free on any day of the trip"),
                    (2, "speaks none of the languages asked for"),
                    (3, "takes smaller groups only"),
                    (4, "scored below 50"),
                    (5, "not in the top five"),
                ],
                default=0,
                verbose_name="not shown because",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchscore",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("run", "rank"),
                name="match_score_rank",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchscore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("communication_shift__range", (-150, 150)), ("expertise_shift__range", (-150, 150))
                ),
                name="match_score_shift",
            ),
        ),
        migrations.AddField(
            model_name="algorithmversion",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="challenger",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="matching.algorithmversion",
                verbose_name="compared with",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="matching.algorithmversion",
                verbose_name="algorithm version",
            ),
        ),
        migrations.AddField(
            model_name="exposure",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exposures",
                to="matching.matchrun",
            ),
        ),
        migrations.AddField(
            model_name="exposure",
            name="score",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exposures",
                to="matching.matchscore",
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="author",
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="score",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="feedback",
                to="matching.matchscore",
                verbose_name="score",
            ),
        ),
        migrations.AddConstraint(
            model_name="algorithmversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "active")), fields=("status",), name="algorithm_one_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="algorithmversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "expertise_weight",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(1000), "-", models.F("communication_weight")
                                    ),
                                    "-",
                                    models.F("budget_weight"),
                                ),
                                "-",
                                models.F("availability_weight"),
                            ),
                            "-",
                            models.F("trust_weight"),
                        ),
                    )
                ),
                name="algorithm_weights_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="algorithmversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__range", (0, 100))), name="algorithm_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="algorithmversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("share__gt", 0), ("status", "shadow")),
                fields=("status",),
                name="algorithm_one_challenger",
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.UniqueConstraint(
                fields=("run", "reviewed", "position"), name="exposure_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__range", (1, 5))), name="exposure_on_the_page"
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("propensity__isnull", True),
                    models.Q(("propensity__gt", 0), ("propensity__lte", 1)),
                    _connector="OR",
                ),
                name="exposure_propensity",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.UniqueConstraint(fields=("score", "side", "factor"), name="feedback_unique"),
        ),
    ]
