from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "bookings",
            {
                REVIEWER: {"review": ["view"], "inquiry": ["view"], "booking": ["view"]},
                OPERATOR: {
                    "review": ["view"],
                    "inquiry": ["view"],
                    "booking": ["view"],
                    "waitlistentry": ["view"],
                },
                ANALYST: {
                    "review": ["view"],
                    "inquiry": ["view"],
                    "booking": ["view"],
                    "waitlistentry": ["view"],
                },
            },
        )
    ]
