from django.db import migrations

from accounts.roles import ANALYST, OPERATOR, REVIEWER, SOCIAL, grant_roles

LOOK = {
    name: ["view"]
    for name in (
        "alert campaign contact idea lead monitor outreach post postdraft run slackpress slackuser socialsettings "
        "trend viralmoment"
    ).split()
}
PRESSES = {"slackpress": ["view"]}


class Migration(migrations.Migration):
    dependencies = [
        ("social", "0003_outreach_and_slack"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        grant_roles(
            "social",
            {
                SOCIAL: LOOK
                | {
                    "trend": ["view", "decide_trend"],
                    "lead": ["view", "erase_lead"],
                    "outreach": ["view", "decide_outreach"],
                    "idea": ["view", "decide_idea"],
                    "campaign": ["view", "add", "change"],
                    "postdraft": ["view", "add", "change"],
                },
                REVIEWER: PRESSES,
                OPERATOR: PRESSES,
                ANALYST: PRESSES,
            },
        ),
        # What its lists lead to.
        grant_roles("markets", {SOCIAL: {"market": ["view"]}}),
        grant_roles("experts", {SOCIAL: {"expert": ["view"]}}),
    ]
