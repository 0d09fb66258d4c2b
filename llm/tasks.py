from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from jobs import effects
from jobs.durable import DurableTask
from llm import probe, upkeep
from llm.models import BudgetAlert


@shared_task
def give_up_dead_calls() -> None:
    upkeep.give_up_dead_calls()


@shared_task
@transaction.atomic
def ask_to_tell_low_budget() -> None:
    """The row is written by whoever noticed; the mail is a job, asked for once."""
    for alert in BudgetAlert.objects.select_for_update().filter(told_at=None):
        tell_low_budget.enqueue(unique_key=str(alert.day), day=str(alert.day))
        alert.told_at = timezone.now()
        alert.save(update_fields=["told_at"])


@shared_task
def forget_old() -> None:
    upkeep.forget_old()


@shared_task(base=DurableTask, queue="mail", lease=120)
def tell_low_budget(day: str) -> None:
    alert = BudgetAlert.objects.get(day=day)
    for user in upkeep.operators():
        with override(user.language):
            mail = upkeep.low_budget_mail(alert, user)
        effects.send_mail(f"llm-budget-{day}-{user.pk}", mail)


@shared_task(base=DurableTask, queue="llm", lease=60, max_attempts=1)
def test_route(route: str, user_id: int) -> None:
    """The outcome is a row of the ledger."""
    probe.ask(route, User.objects.get(pk=user_id))
