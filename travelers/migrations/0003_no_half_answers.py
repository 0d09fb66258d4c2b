from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("travelers", "0002_roles")]

    operations = [
        migrations.RemoveConstraint(model_name="travelerprofile", name="traveler_budget_range"),
        migrations.AddConstraint(
            model_name="travelerprofile",
            constraint=models.CheckConstraint(
                condition=(Q(budget_min__isnull=True) | Q(budget_min__gte=0))
                & (Q(budget_max__isnull=True) | Q(budget_max__gte=0))
                & (
                    Q(budget_min__isnull=True)
                    | Q(budget_max__isnull=True)
                    | Q(budget_max__gte=F("budget_min"))
                ),
                name="traveler_budget_range",
            ),
        ),
        migrations.RemoveConstraint(model_name="trip", name="trip_dates_or_month"),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=Q(
                    start__isnull=False,
                    end__isnull=False,
                    end__gte=F("start"),
                    flexible_month__isnull=True,
                )
                | Q(start__isnull=True, end__isnull=True, flexible_month__isnull=False),
                name="trip_dates_or_month",
            ),
        ),
    ]
