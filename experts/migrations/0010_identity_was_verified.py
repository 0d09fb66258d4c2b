from django.db import migrations

# Whoever was verified before marks were kept was so by identity; who checked it was not noted.
MARKS = """
    INSERT INTO experts_verification (expert_id, kind, checked_at, note)
    SELECT id, 'identity', coalesce(active_since::timestamptz, created_at), ''
    FROM experts_expert WHERE verified
"""


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0009_application_photos_verification"),
    ]

    operations = [migrations.RunSQL(MARKS, "DELETE FROM experts_verification")]
