from typing import Any

from django.apps.registry import Apps
from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

FIRST = {
    "name": "2026.11",
    "status": "active",
    "expertise_weight": 350,
    "communication_weight": 200,
    "budget_weight": 150,
    "availability_weight": 150,
    "trust_weight": 150,
    "reason": "The weights that the marketplace began with.",
}
LOOK = {
    name: ["view"] for name in "algorithmversion exposure feedback matchreceipt matchrun matchscore".split()
}


def begin(apps: Apps, schema_editor: Any) -> None:
    apps.get_model("matching", "AlgorithmVersion").objects.create(**FIRST)


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
        grant_roles(
            "matching",
            {
                REVIEWER: LOOK,
                OPERATOR: LOOK | {"algorithmversion": ["view", "decide_algorithm"]},
                ANALYST: LOOK,
            },
        ),
    ]
