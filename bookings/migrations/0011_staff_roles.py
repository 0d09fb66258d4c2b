from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

LOOK = {name: ["view"] for name in ("departure", "dispute", "posting", "proposal")}


class Migration(migrations.Migration):
    dependencies = [("bookings", "0010_disputes")]

    operations = [
        grant_roles(
            "bookings",
            {
                REVIEWER: LOOK | {"dispute": ["view", "decide_dispute"]},
                OPERATOR: LOOK | {"booking": ["move_booking"]},
                ANALYST: LOOK,
            },
        )
    ]
