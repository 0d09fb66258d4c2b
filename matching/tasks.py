from celery import shared_task

from jobs.durable import DurableTask
from matching import runs
from matching.models import MatchRun


def run_failed(*, run_id: int) -> None:
    MatchRun.objects.get(pk=run_id).move(MatchRun.State.FAILED)


@shared_task(base=DurableTask, bind=True, lease=60, on_dead=run_failed)
def match_trip(self: DurableTask, run_id: int) -> None:
    run = MatchRun.objects.select_related("trip__destination").get(pk=run_id)
    outcome = runs.compute(run)
    with self.finishing():
        runs.store(run, outcome)
