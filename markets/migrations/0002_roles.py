from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("markets", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "markets",
            {
                REVIEWER: {"market": ["view"]},
                OPERATOR: {"market": ["view", "change"], "marketname": ["view"]},
                ANALYST: {"market": ["view"]},
            },
        )
    ]
