from django.db import migrations

from accounts.roles import OPERATOR, grant_roles


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_personal_archives")]

    operations = [grant_roles("accounts", {OPERATOR: {"user": ["export_user", "erase_user"]}})]
