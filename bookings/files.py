"""The bytes of attachments."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete

from bookings.models import Attachment


def delete_file(instance: Attachment, **kwargs: Any) -> None:
    """The bytes go with their row, whoever deletes it, and stay where the transaction is rolled back."""
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def connect() -> None:
    post_delete.connect(delete_file, sender=Attachment, dispatch_uid="bookings.delete_file")
