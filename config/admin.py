from django.contrib import admin
from django.utils.translation import gettext_lazy
from django_celery_beat import models as beat
from unfold.decorators import display

from accounts.staff import StaffAdmin

for model in (
    beat.ClockedSchedule,
    beat.CrontabSchedule,
    beat.IntervalSchedule,
    beat.PeriodicTask,
    beat.SolarSchedule,
):
    admin.site.unregister(model)


@admin.register(beat.PeriodicTask)
class PeriodicTaskAdmin(StaffAdmin):
    """Schedules come from the settings at every start; staff may stop one and start it again."""

    list_display = ("name", "plan", "enabled", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab", "solar", "clocked")
    fields = (("name", "task"), ("plan", "queue"), "enabled", ("last_run_at", "total_run_count"))
    readonly_fields = ("name", "task", "plan", "queue", "last_run_at", "total_run_count")

    @display(description=gettext_lazy("schedule"))
    def plan(self, task: beat.PeriodicTask) -> str:
        return str(task.scheduler)
