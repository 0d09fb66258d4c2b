"""The work of a worker, done here and now."""

from celery import current_app
from django.db.models.functions import Now

from jobs.models import Job


def work(job):
    """Deliver a job's message. What its body raises comes out, as a worker would log it."""
    current_app.tasks[job.kind](job.pk)
    job.refresh_from_db()


def run_jobs():
    """Do all queued work that is due. Returns how many jobs that were."""
    done = 0
    while job := Job.objects.filter(state=Job.State.QUEUED, run_after__lte=Now()).order_by("pk").first():
        work(job)
        done += 1
    return done
