from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

# What all roles read.
LOOK = {
    name: ["view"]
    for name in (
        "alert campaign contact idea lead monitor outreach post postdraft run slackuser socialsettings trend "
        "viralmoment"
    ).split()
}


def one_row(apps, schema_editor):
    apps.get_model("social", "SocialSettings").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("social", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "social",
            {
                REVIEWER: LOOK
                | {
                    "trend": ["view", "decide_trend"],
                    "lead": ["view", "erase_lead"],
                    "outreach": ["view", "decide_outreach"],
                    "idea": ["view", "decide_idea"],
                    "campaign": ["view", "add", "change"],
                    "postdraft": ["view", "add", "change"],
                },
                OPERATOR: LOOK
                | {
                    "monitor": ["view", "change"],
                    "socialsettings": ["view", "change"],
                    "run": ["view", "start_run"],
                    "slackuser": ["view", "add", "change", "delete"],
                },
                ANALYST: LOOK,
            },
        ),
        migrations.RunPython(one_row, migrations.RunPython.noop),
    ]
