from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "accounts",
            {
                REVIEWER: {"auditevent": ["view"]},
                OPERATOR: {
                    "user": ["view", "export_user", "erase_user"],
                    "auditevent": ["view"],
                    "noticemail": ["view", "send_again_noticemail"],
                },
                ANALYST: {"user": ["view"], "auditevent": ["view"], "noticemail": ["view"]},
            },
        )
    ]
