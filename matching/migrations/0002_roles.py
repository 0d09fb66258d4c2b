from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "matching",
            {
                REVIEWER: {"matchrun": ["view"], "matchscore": ["view"], "matchreceipt": ["view"]},
                OPERATOR: {"matchrun": ["view"], "matchscore": ["view"], "matchreceipt": ["view"]},
                ANALYST: {"matchrun": ["view"], "matchscore": ["view"], "matchreceipt": ["view"]},
            },
        )
    ]
