from django.db import migrations

from experts import taxonomy


class Migration(migrations.Migration):
    dependencies = [("experts", "0002_roles")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: taxonomy.sync(apps.get_model("experts", "Specialty")),
            migrations.RunPython.noop,
        )
    ]
