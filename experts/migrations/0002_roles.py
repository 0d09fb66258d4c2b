from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "experts",
            {
                REVIEWER: {
                    "expert": ["view", "change", "review_expert"],
                    "service": ["view", "change"],
                    "specialty": ["view"],
                    "unavailableperiod": ["view"],
                },
                OPERATOR: {
                    "expert": ["view"],
                    "service": ["view"],
                    "specialty": ["view", "change"],
                    "unavailableperiod": ["view"],
                },
                ANALYST: {
                    "expert": ["view"],
                    "service": ["view"],
                    "specialty": ["view"],
                    "unavailableperiod": ["view"],
                },
            },
        )
    ]
