from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [("content_assistant", "0001_initial"), ("accounts", "0002_roles")]

    operations = [
        grant_roles(
            "content_assistant",
            {
                REVIEWER: {"ruling": ["view", "decide_ruling"]},
                OPERATOR: {"ruling": ["view"]},
                ANALYST: {"ruling": ["view"]},
            },
        )
    ]
