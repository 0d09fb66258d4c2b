from django.db import migrations, models

# In the order in which they were added, as they have been shown until now.
NUMBER = """
UPDATE experts_photo p SET position = n.place
FROM (SELECT id, row_number() OVER (PARTITION BY expert_id ORDER BY id) place FROM experts_photo) n
WHERE n.id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [("experts", "0005_words_of_constraints")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="position"),
            preserve_default=False,
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(
                deferrable=models.Deferrable.IMMEDIATE, fields=("expert", "position"), name="photo_position"
            ),
        ),
    ]
