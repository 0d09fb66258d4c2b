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
    initial = True

    dependencies = [
        ("experts", "0001_initial"),
        ("travelers", "0001_initial"),
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
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "algorithm version",
                "verbose_name_plural": "algorithm versions",
                "permissions": [("decide_algorithm", "Can fit, activate and retire algorithm versions")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "active")),
                        fields=("status",),
                        name="algorithm_one_active",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(("share__range", (0, 100))), name="algorithm_share"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("share__gt", 0), ("status", "shadow")),
                        fields=("status",),
                        name="algorithm_one_challenger",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchRun",
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
                            ("queued", "queued"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("stale", "replaced by a newer one"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "algorithm",
                    models.CharField(
                        help_text="The code that computed the factors.",
                        max_length=20,
                        verbose_name="formulas",
                    ),
                ),
                (
                    "seed",
                    models.PositiveIntegerField(
                        default=matching.models.new_seed,
                        help_text="Of what chance has to say about positions.",
                        verbose_name="seed of the order",
                    ),
                ),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
                ("candidates", models.PositiveIntegerField(default=0, verbose_name="candidates")),
                ("shown", models.PositiveSmallIntegerField(default=0, verbose_name="shown")),
                (
                    "compute_ms",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="computed in ms"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "review",
                    models.CharField(
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
                (
                    "review_note",
                    models.CharField(blank=True, max_length=300, verbose_name="what the review says"),
                ),
                (
                    "review_prompt",
                    models.PositiveSmallIntegerField(default=0, verbose_name="prompt of the review"),
                ),
                (
                    "review_seed",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Shuffles the experts that the model sees.",
                        verbose_name="seed of the review",
                    ),
                ),
                (
                    "review_cost",
                    models.DecimalField(
                        decimal_places=10,
                        default=Decimal("0"),
                        max_digits=14,
                        verbose_name="cost of the review in USD",
                    ),
                ),
                ("dropped", models.PositiveSmallIntegerField(default=0, verbose_name="claims dropped")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed at")),
                (
                    "challenger",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matching.algorithmversion",
                        verbose_name="compared with",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="travelers.trip",
                        verbose_name="trip",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="matching.algorithmversion",
                        verbose_name="algorithm version",
                    ),
                ),
            ],
            options={
                "verbose_name": "match run",
                "verbose_name_plural": "match runs",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "stale"), _negated=True),
                        fields=("trip",),
                        name="match_run_one_current",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveIntegerField(verbose_name="rank")),
                ("score_tenths", models.SmallIntegerField(verbose_name="score")),
                (
                    "hidden",
                    models.PositiveSmallIntegerField(
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
                ("expertise_value", models.SmallIntegerField()),
                ("communication_value", models.SmallIntegerField()),
                ("budget_value", models.SmallIntegerField()),
                ("availability_value", models.SmallIntegerField()),
                ("trust_value", models.SmallIntegerField()),
                ("expertise_points", models.SmallIntegerField()),
                ("communication_points", models.SmallIntegerField()),
                ("budget_points", models.SmallIntegerField()),
                ("availability_points", models.SmallIntegerField()),
                ("trust_points", models.SmallIntegerField()),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="position on the page"
                    ),
                ),
                (
                    "expertise_shift",
                    models.SmallIntegerField(db_default=0, default=0, verbose_name="expertise moved by"),
                ),
                (
                    "communication_shift",
                    models.SmallIntegerField(db_default=0, default=0, verbose_name="communication moved by"),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="experts.expert",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="matching.matchrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "match score",
                "verbose_name_plural": "match scores",
                "indexes": [models.Index(fields=["expert"], name="match_score_expert")],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("run", "rank"),
                        name="match_score_rank",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("communication_shift__range", (-150, 150)),
                            ("expertise_shift__range", (-150, 150)),
                        ),
                        name="match_score_shift",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hidden", 0), ("position__isnull", False)),
                            models.Q(("hidden__gt", 0), ("position__isnull", True)),
                            _connector="OR",
                        ),
                        name="match_score_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "score_tenths",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("expertise_points"),
                                                "+",
                                                models.F("communication_points"),
                                            ),
                                            "+",
                                            models.F("budget_points"),
                                        ),
                                        "+",
                                        models.F("availability_points"),
                                    ),
                                    "+",
                                    models.F("trust_points"),
                                ),
                            )
                        ),
                        name="match_score_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score_tenths__range", (0, 1000))), name="match_score_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchReceipt",
            fields=[
                (
                    "score",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="receipt",
                        serialize=False,
                        to="matching.matchscore",
                    ),
                ),
                (
                    "evidence",
                    models.JSONField(
                        help_text="Per factor: what was found, and where.", verbose_name="evidence"
                    ),
                ),
                ("strengths", models.JSONField(verbose_name="strengths")),
                ("considerations", models.JSONField(verbose_name="considerations")),
                ("changes", models.JSONField(default=list, verbose_name="what would change it")),
                (
                    "review",
                    models.JSONField(
                        default=dict,
                        help_text="The model's ratings and quotes, and what was dropped and why.",
                        verbose_name="review",
                    ),
                ),
            ],
            options={
                "verbose_name": "receipt",
                "verbose_name_plural": "receipts",
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
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exposures",
                        to="matching.matchrun",
                    ),
                ),
                (
                    "score",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exposures",
                        to="matching.matchscore",
                    ),
                ),
            ],
            options={
                "verbose_name": "exposure",
                "verbose_name_plural": "exposures",
                "constraints": [
                    models.UniqueConstraint(fields=("run", "reviewed", "position"), name="exposure_position"),
                    models.CheckConstraint(
                        condition=models.Q(("position__range", (1, 5))), name="exposure_on_the_page"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("propensity__isnull", True),
                            models.Q(("propensity__gt", 0), ("propensity__lte", 1)),
                            _connector="OR",
                        ),
                        name="exposure_propensity",
                    ),
                ],
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
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "score",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback",
                        to="matching.matchscore",
                        verbose_name="score",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback on a score",
                "verbose_name_plural": "feedback on scores",
                "constraints": [
                    models.UniqueConstraint(fields=("score", "side", "factor"), name="feedback_unique")
                ],
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
    ]
