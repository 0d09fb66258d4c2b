from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

# What all these roles read.
LOOK = {
    name: ["view"]
    for name in (
        "attachment booking departure dispute inquiry message offer posting proposal report review travelerreview"
    ).split()
}
WAITLIST = {"waitlistentry": ["view"]}
DECIDE = LOOK | {
    "attachment": ["view", "read_attachment"],
    "dispute": ["view", "decide_dispute"],
    "report": ["view", "decide_report"],
    "review": ["view", "moderate_review"],
    "travelerreview": ["view", "moderate_travelerreview"],
}


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
                REVIEWER: DECIDE,
                OPERATOR: LOOK | WAITLIST | {"booking": ["view", "move_booking"]},
                ANALYST: LOOK | WAITLIST,
            },
        )
    ]
