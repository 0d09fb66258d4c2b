import django.db.models.deletion
from django.db import migrations, models

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

VIEW = {name: ["view"] for name in ["algorithmversion", "exposure", "feedback"]}


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_first_version")]

    operations = [
        migrations.AlterField(
            model_name="matchrun",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="matching.algorithmversion",
                verbose_name="algorithm version",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchscore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hidden", 0), ("position__isnull", False)),
                    models.Q(("hidden__gt", 0), ("position__isnull", True)),
                    _connector="OR",
                ),
                name="match_score_position",
            ),
        ),
        grant_roles(
            "matching",
            {
                REVIEWER: VIEW,
                OPERATOR: VIEW | {"algorithmversion": ["view", "decide_algorithm"]},
                ANALYST: VIEW,
            },
        ),
    ]
