from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("llm", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "llm",
            {
                OPERATOR: {
                    "call": ["view", "test_route"],
                    "calltext": ["view"],
                    "disclosure": ["view"],
                    "switch": ["change"],
                },
                ANALYST: {"call": ["view"], "disclosure": ["view"]},
            },
        )
    ]
