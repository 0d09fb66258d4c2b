from celery import shared_task

from accounts.notices import digests
from accounts.notices.posting import send_notice_mail

__all__ = ["ask_for_digests", "send_notice_mail"]  # Celery finds tasks here


@shared_task
def ask_for_digests() -> None:
    """What beat sends. A message that is lost is no matter: the next one finds the same notices waiting."""
    digests.ask_for_due()
