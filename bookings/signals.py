from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from bookings.models import Attachment


@receiver(post_delete, sender=Attachment, dispatch_uid="bookings.delete_file")
def delete_file(instance: Attachment, **kwargs: Any) -> None:
    """The bytes go with their row, whoever deletes it, and stay where the transaction is rolled back."""
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))
