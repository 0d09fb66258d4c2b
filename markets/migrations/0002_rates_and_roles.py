import csv
from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

# Approximate middle rates of the day the file names. Staff keep them current in the admin.
FILE = Path(__file__).parent.parent / "data" / "rates.csv"


def add_rates(apps: Apps, schema_editor: Any) -> None:
    rate = apps.get_model("markets", "ExchangeRate")
    with FILE.open(encoding="utf-8") as file:
        rate.objects.bulk_create([rate(**row) for row in csv.DictReader(file)], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("markets", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(add_rates, migrations.RunPython.noop),
        grant_roles(
            "markets",
            {
                REVIEWER: {"market": ["view"], "exchangerate": ["view"]},
                OPERATOR: {
                    "market": ["view", "change"],
                    "marketname": ["view"],
                    "exchangerate": ["view", "add", "change"],
                },
                ANALYST: {"market": ["view"], "exchangerate": ["view"]},
            },
        ),
    ]
