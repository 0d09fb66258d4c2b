"""Telling, and noting what was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Delivery, Notice, NoticeMail, User
from accounts.notices import posting
from accounts.notices.choices import deliveries_of
from accounts.notices.kinds import KINDS


@dataclass(frozen=True)
class Telling:
    """One person hears of one event, on the site and as they prefer by mail.

    The key names the event. `about`: whose name and words the facts hold. `patience`: seconds until a mail of its own
    goes out.
    """

    user: User
    kind: str
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    about: User | None = None
    patience: float = 0.0

    @property
    def whom(self) -> tuple[int, str]:
        return self.user.pk, self.key

    def notice(self, delivery: str, mail: NoticeMail | None) -> Notice:
        return Notice(
            user=self.user,
            kind=self.kind,
            key=self.key,
            facts=dict(self.facts),
            url=self.url,
            about=self.about,
            delivery=delivery,
            mail=mail,
        )


def tell(**telling: Any) -> Notice:
    """Tell one person: what Telling says, by name."""
    return tell_all([Telling(**telling)])[0]


def tell_all(tellings: Sequence[Telling]) -> list[Notice]:
    """Call it in the transaction of the act. Whoever was told with that key hears nothing more, and the first notice
    is returned as it was. However many are told, it takes the same few statements: acts hold locks meanwhile.

    KeyError: nobody has registered the kind. ValueError: the url is no path of this site.
    """
    pairs, known = _chosen(tellings), _known(tellings)
    try:
        with transaction.atomic():
            known |= _store([pair for pair in pairs if pair[0].whom not in known])
    except IntegrityError:  # somebody tells one of them this very moment, and by now has
        known = _known(tellings)
        with transaction.atomic():
            known |= _store([pair for pair in pairs if pair[0].whom not in known])
    return [known[one.whom] for one in tellings]


def tell_first(tellings: Sequence[Telling]) -> None:
    """The same with keys that nobody can have been told of, such as numbers of rows that this transaction makes: it
    need not look, and takes half the statements. IntegrityError: somebody was.
    """
    _store(_chosen(tellings))


def _chosen(tellings: Sequence[Telling]) -> list[tuple[Telling, str]]:
    """With how each of them is delivered."""
    for one in tellings:
        _check(one)
    chosen = deliveries_of([(one.user, KINDS[one.kind]) for one in tellings])
    return list(zip(tellings, chosen, strict=True))


def _check(telling: Telling) -> None:
    url = telling.url
    if url and not (url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)):
        raise ValueError(f"{url!r} is no path of this site.")


def _known(tellings: Sequence[Telling]) -> dict[tuple[int, str], Notice]:
    rows = Notice.objects.filter(
        user__in=[one.user.pk for one in tellings], key__in=[one.key for one in tellings]
    )
    return {(notice.user_id, notice.key): notice for notice in rows}


def _store(new: Sequence[tuple[Telling, str]]) -> dict[tuple[int, str], Notice]:
    by_mail = [one for one, delivery in new if delivery == Delivery.NOW]
    made = NoticeMail.objects.bulk_create(NoticeMail(user=one.user) for one in by_mail)
    mails = {id(one): mail for one, mail in zip(by_mail, made, strict=True)}
    notices = Notice.objects.bulk_create(one.notice(delivery, mails.get(id(one))) for one, delivery in new)
    posting.ask_all([(mails[id(one)], one.patience) for one in by_mail])
    return {(notice.user_id, notice.key): notice for notice in notices}


def seen(user: Any, url: str) -> None:
    """What a notice leads to was looked at. Costs nothing where no new one leads there."""
    if url in getattr(user, "unread_urls", ()):
        read(Notice.objects.filter(user=user, url=url))


def read(notices: "QuerySet[Notice]") -> int:
    """How many of them were new."""
    return notices.filter(read_at=None).update(read_at=timezone.now())
