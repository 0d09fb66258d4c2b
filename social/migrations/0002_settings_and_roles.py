from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, SOCIAL, grant_roles

# What all these roles read.
LOOK = {
    name: ["view"]
    for name in (
        "alert campaign contact idea idearound lead monitor outreach post postdraft run slackpress slackuser "
        "socialsettings trend viralmoment"
    ).split()
}
DECIDE = LOOK | {
    "alert": ["view", "retry_alert"],
    "campaign": ["view", "add", "change"],
    "idea": ["view", "decide_idea"],
    "lead": ["view", "erase_lead"],
    "outreach": ["view", "decide_outreach"],
    "postdraft": ["view", "add", "change"],
    "trend": ["view", "decide_trend"],
}
RUN = LOOK | {
    "alert": ["view", "retry_alert"],
    "monitor": ["view", "change"],
    "run": ["view", "start_run"],
    "slackuser": ["view", "add", "change", "delete"],
    "socialsettings": ["view", "change"],
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
        grant_roles("social", {REVIEWER: DECIDE, SOCIAL: DECIDE, OPERATOR: RUN, ANALYST: LOOK}),
        # What a social media manager's lists lead to.
        grant_roles("markets", {SOCIAL: {"market": ["view"]}}),
        grant_roles("experts", {SOCIAL: {"expert": ["view"]}}),
        migrations.RunPython(one_row, migrations.RunPython.noop),
    ]
