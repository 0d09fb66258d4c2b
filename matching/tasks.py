from celery import shared_task

from jobs.durable import DurableTask
from matching import runs
from matching.models import MatchRun


def run_failed(*, run_id: int) -> None:
    for run in MatchRun.objects.filter(pk=run_id):
        run.move(MatchRun.State.FAILED)


@shared_task(base=DurableTask, bind=True, on_dead=run_failed)
def match_trip(self: DurableTask, run_id: int) -> None:
    run = MatchRun.objects.current().with_parts().filter(pk=run_id).first()
    if run is None:  # its trip was deleted or changed meanwhile
        return
    outcome = runs.compute(run)
    with self.finishing():
        runs.store(run, outcome)
