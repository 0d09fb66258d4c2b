from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles
from experts import taxonomy


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0002_keep_listings"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, editor: taxonomy.sync(apps.get_model("experts", "Specialty")),
            migrations.RunPython.noop,
        ),
        grant_roles(
            "experts",
            {
                REVIEWER: {
                    "expert": ["view", "change", "review_expert"],
                    "service": ["view", "change"],
                    "specialty": ["view"],
                    "unavailableperiod": ["view"],
                },
                OPERATOR: {
                    "expert": ["view", "import_expert"],
                    "service": ["view"],
                    "specialty": ["view", "change"],
                    "unavailableperiod": ["view"],
                },
                ANALYST: {
                    "expert": ["view"],
                    "service": ["view"],
                    "specialty": ["view"],
                    "unavailableperiod": ["view"],
                },
            },
        ),
    ]
