from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [("bookings", "0006_reviews_by_both_sides")]

    operations = [
        grant_roles(
            "bookings",
            {
                REVIEWER: {
                    "review": ["moderate_review"],
                    "travelerreview": ["view", "moderate_travelerreview"],
                },
                OPERATOR: {"travelerreview": ["view"]},
                ANALYST: {"travelerreview": ["view"]},
            },
        )
    ]
