"""Durable work: tasks that survive the death of workers, broker and database.

    @shared_task(base=DurableTask, bind=True, lease=60, on_dead=trip_failed)    # all but base and bind are optional
    def match_trip(self: DurableTask, run_id: int) -> None:
        outcome = compute(run_id)       # slow, may happen more than once: outside any transaction
        with self.finishing():          # one transaction: the job is done and the outcome stored, or neither
            store(outcome)

    match_trip.enqueue(run_id=1, unique_key="1")        # inside the transaction that asks for the work

A body may run again after any failure, so it changes rows only in `finishing()` and lets nothing leave the system but
through `jobs.effects`. `self.extend_lease()` asks for more time. `jobs.errors` says how to fail: Retryable, Permanent.
After `max_attempts` the job is a dead letter: `on_dead(run_id=1)` marks the domain's row, staff see and replay it.
"""
