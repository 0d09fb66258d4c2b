from celery import shared_task

from content_assistant import moves, writing
from jobs.durable import DurableTask
from llm import door


def writing_failed(*, version_id: int) -> None:
    moves.give_up(version_id)


def _write(task: DurableTask, version_id: int) -> None:
    begun = moves.begin(version_id)
    if begun is None:  # cancelled or deleted meanwhile, or written by another run
        return
    outcome = writing.write(*begun)
    with task.finishing():
        moves.finish(begun[0], outcome)


# Two questions of 30 s at most each. Whoever waits is not kept waiting much longer where a worker dies.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=90, max_attempts=3, on_dead=writing_failed)
def write_version(self: DurableTask, version_id: int) -> None:
    _write(self, version_id)


# Two questions of 180 s at most each.
@shared_task(base=DurableTask, bind=True, queue="llm", lease=480, max_attempts=3, on_dead=writing_failed)
def write_long_version(self: DurableTask, version_id: int) -> None:
    _write(self, version_id)


def enqueue(version_id: int, tier: door.Tier) -> None:
    task = write_long_version if tier is door.Tier.REASONING else write_version
    task.enqueue(version_id=version_id, unique_key=str(version_id))
