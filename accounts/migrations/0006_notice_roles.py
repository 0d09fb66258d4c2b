from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, grant_roles


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_notices")]

    operations = [
        grant_roles(
            "accounts",
            {OPERATOR: {"noticemail": ["view", "send_again_noticemail"]}, ANALYST: {"noticemail": ["view"]}},
        )
    ]
