import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0011_staff_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="booking",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="offer",
                to="bookings.booking",
                verbose_name="booking",
            ),
        ),
    ]
