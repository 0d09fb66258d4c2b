from django.db import migrations, models

from accounts.roles import ANALYST, OPERATOR, REVIEWER, grant_roles

# Most were never opened on the site, so each waits for its expert. What hangs on deferred keys is checked at once: a
# table with such checks before it cannot be altered.
THERE = """
    INSERT INTO bookings_message (inquiry_id, side, kind, body, created_at, key)
    SELECT id, 'traveler', 'text', message, created_at, gen_random_uuid() FROM bookings_inquiry ORDER BY id;
    UPDATE bookings_inquiry i SET last_message_id = m.id, expert_unread = 1
    FROM bookings_message m WHERE m.inquiry_id = i.id;
    SET CONSTRAINTS ALL IMMEDIATE;
"""
BACK = """
    UPDATE bookings_inquiry i SET message = m.body, last_message_id = NULL
    FROM (SELECT DISTINCT ON (inquiry_id) inquiry_id, body FROM bookings_message ORDER BY inquiry_id, id) m
    WHERE m.inquiry_id = i.id;
    DELETE FROM bookings_message;
    SET CONSTRAINTS ALL IMMEDIATE;
"""
LOOK = {name: ["view"] for name in ("message", "attachment", "offer", "report")}


class Migration(migrations.Migration):
    dependencies = [("bookings", "0004_inquiry_threads")]

    operations = [
        migrations.AlterField("inquiry", "message", models.TextField(default="")),
        migrations.RunSQL(THERE, BACK),
        migrations.RemoveField("inquiry", "message"),
        grant_roles(
            "bookings",
            {
                REVIEWER: LOOK
                | {"report": ["view", "decide_report"], "attachment": ["view", "read_attachment"]},
                OPERATOR: LOOK,
                ANALYST: LOOK,
            },
        ),
    ]
