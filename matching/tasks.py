from celery import shared_task

from experts.models import Expert
from jobs.durable import DurableTask
from matching import fit, fitting, judging, review, runs
from matching.models import AlgorithmVersion, MatchInputs, MatchRun


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
        if runs.store(run, outcome):
            review_match.enqueue_new([(str(run.pk), 0, {"run_id": run.pk})])


FORGOTTEN_AT_ONCE = 5_000


@shared_task
def forget_inputs() -> None:
    """What beat asks for each night. Some 50 kB a run at a thousand candidates are not kept for ever."""
    outlived = MatchInputs.objects.outlived().order_by("pk").values("pk")
    MatchInputs.objects.filter(pk__in=outlived[:FORGOTTEN_AT_ONCE]).delete()


def review_failed(*, run_id: int) -> None:
    for run in MatchRun.objects.filter(pk=run_id):
        run.close_review(MatchRun.Review.FAILED)


def fit_failed(*, version_id: int) -> None:
    fitting.fail(AlgorithmVersion.objects.get(pk=version_id))


# Two questions of 180 s at most each.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=480, max_attempts=3, on_dead=review_failed)
def review_match(self: DurableTask, run_id: int) -> None:
    run = MatchRun.objects.under_review().with_parts().filter(pk=run_id).first()
    if run is None:
        return
    judged = judging.judge(run)
    with self.finishing():
        review.store(run, judged)


@shared_task(base=DurableTask, bind=True, lease=300, on_dead=fit_failed)
def fit_weights(self: DurableTask, version_id: int) -> None:
    version = AlgorithmVersion.objects.get(pk=version_id)
    weights, report = fitting.examine(AlgorithmVersion.objects.get(name=(version.fit or {})["base"]))
    with self.finishing():
        fitting.store(version, weights, report)


@shared_task(base=DurableTask, bind=True, lease=120)
def fit_expert(self: DurableTask, expert_id: int) -> None:
    expert = Expert.objects.filter(pk=expert_id).first()
    if expert is None:  # deleted meanwhile
        return
    found = fit.report(expert)
    with self.finishing():
        fit.store(expert, found)
