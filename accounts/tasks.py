from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import archives
from accounts.models import Archive
from accounts.notices import digests, old
from accounts.notices.posting import send_notice_mail
from jobs import effects
from jobs.durable import DurableTask

__all__ = [
    "ask_for_digests",
    "ask_to_forget_notices",
    "delete_old_archives",
    "forget_notices",
    "mail_archive",
    "make_archive",
    "send_notice_mail",
]


def archive_failed(*, archive_id: int) -> None:
    Archive.objects.filter(pk=archive_id, state=Archive.State.WAITING).update(state=Archive.State.FAILED)


@shared_task(base=DurableTask, bind=True, lease=600, on_dead=archive_failed)
def make_archive(self: DurableTask, archive_id: int) -> None:
    archive = (
        Archive.objects.select_related("user").filter(pk=archive_id, state=Archive.State.WAITING).first()
    )
    if archive is None:  # erased since then
        return
    with archives.made(archive.user) as file, self.finishing():
        archives.store(archive, file)
        mail_archive.enqueue(archive_id=archive_id, unique_key=str(archive_id))


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_archive(archive_id: int) -> None:
    archive = Archive.objects.select_related("user").filter(pk=archive_id).first()
    if archive is None:
        return
    with override(archive.user.language):
        url = settings.SITE_URL + reverse("account_data")
        body = render_to_string("account/mail/archive.txt", {"name": archive.user.name, "url": url})
        mail = EmailMessage(_("Your data is ready to download"), body, to=[archive.user.email])
    effects.send_mail(f"archive-{archive_id}", mail)


@shared_task
@transaction.atomic
def delete_old_archives() -> None:
    """What beat sends. The audit trail keeps that they were there."""
    archives.over().delete()


@shared_task
def ask_for_digests() -> None:
    """What beat sends. A message that is lost is no matter: the next one finds the same notices waiting."""
    digests.ask_for_due()


@shared_task(base=DurableTask, lease=600)
def forget_notices() -> None:
    old.forget()


@shared_task
def ask_to_forget_notices() -> None:
    """What beat sends. The job is durable, the message that asks for it need not be: the next night asks again."""
    forget_notices.enqueue(unique_key="nightly")
