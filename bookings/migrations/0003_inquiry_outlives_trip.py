from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_roles")]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="general",
            field=models.BooleanField(default=False, editable=False),
        ),
        # Nothing has deleted a trip so far.
        migrations.RunSQL(
            "UPDATE bookings_inquiry SET general = true WHERE trip_id IS NULL", migrations.RunSQL.noop
        ),
        migrations.RemoveConstraint(model_name="inquiry", name="inquiry_unique"),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.UniqueConstraint(
                condition=Q(("trip__isnull", False), ("general", True), _connector="OR"),
                fields=("traveler", "expert", "trip"),
                name="inquiry_unique",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=Q(("general", False), ("trip", None), _connector="OR"), name="inquiry_general"
            ),
        ),
    ]
