from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, grant_roles


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_celery_beat", "0001_initial"),
    ]

    operations = [
        grant_roles(
            "jobs",
            {
                OPERATOR: {"job": ["view", "replay_job"], "effect": ["view", "retry_effect"]},
                ANALYST: {"job": ["view"], "effect": ["view"]},
            },
        ),
        grant_roles(
            "django_celery_beat",
            {OPERATOR: {"periodictask": ["view", "change"]}, ANALYST: {"periodictask": ["view"]}},
        ),
    ]
