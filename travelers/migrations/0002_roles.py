from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("travelers", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "travelers",
            {
                REVIEWER: {"trip": ["view"], "travelerprofile": ["view"]},
                OPERATOR: {"trip": ["view"], "travelerprofile": ["view"]},
                ANALYST: {"trip": ["view"], "travelerprofile": ["view"]},
            },
        )
    ]
