from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "accounts",
            {
                REVIEWER: {"auditevent": ["view"]},
                OPERATOR: {"user": ["view"], "auditevent": ["view"]},
                ANALYST: {"user": ["view"], "auditevent": ["view"]},
            },
        )
    ]
