"""Telling, and noting what was read."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Delivery, Notice, NoticeMail, User
from accounts.notices import posting
from accounts.notices.choices import delivery_of
from accounts.notices.kinds import KINDS


@transaction.atomic
def tell(
    *,
    user: User,
    kind: str,
    key: str,
    facts: Mapping[str, Any] | None = None,
    url: str = "",
    about: User | None = None,
    patience: float = 0.0,
) -> Notice:
    """Tell one person of one event, on the site and as they prefer by mail. Call it in the transaction of the act.

    The key names the event: told again with it, the person hears nothing more, and the first notice is returned as it
    was. `about`: whose name and words the facts hold. `patience`: seconds until a mail of its own goes out. KeyError:
    nobody has registered the kind. ValueError: the url is no path of this site.
    """
    if url and not (url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)):
        raise ValueError(f"{url!r} is no path of this site.")
    delivery = delivery_of(user, KINDS[kind])
    told = {"kind": kind, "facts": dict(facts or {}), "url": url, "about": about, "delivery": delivery}
    notice, is_new = Notice.objects.get_or_create(user=user, key=key, defaults=told)
    if is_new and delivery == Delivery.NOW:
        notice.mail = NoticeMail.objects.create(user=user)
        notice.save(update_fields=["mail"])
        posting.ask(notice.mail, delay=patience)
    return notice


def seen(user: Any, url: str) -> None:
    """What a notice leads to was looked at. Costs nothing where no new one leads there."""
    if url in getattr(user, "unread_urls", ()):
        read(Notice.objects.filter(user=user, url=url))


def read(notices: "QuerySet[Notice]") -> int:
    """How many of them were new."""
    return notices.filter(read_at=None).update(read_at=timezone.now())
