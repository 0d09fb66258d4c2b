from celery import shared_task

from experts.models import Expert
from jobs.durable import DurableTask
from matching import fit, runs
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


@shared_task(base=DurableTask, bind=True, lease=120)
def fit_expert(self: DurableTask, expert_id: int) -> None:
    expert = Expert.objects.filter(pk=expert_id).first()
    if expert is None:  # deleted meanwhile
        return
    found = fit.report(expert)
    with self.finishing():
        fit.store(expert, found)
