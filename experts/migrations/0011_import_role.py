from django.db import migrations

from accounts.roles import OPERATOR, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0010_identity_was_verified"),
    ]

    operations = [grant_roles("experts", {OPERATOR: {"expert": ["import_expert"]}})]
