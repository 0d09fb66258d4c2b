"""How a person wants to hear of what: kind by kind, and with one click from a mail."""

from collections.abc import Mapping, Sequence

from django.core import signing
from django.db import transaction

from accounts import audit
from accounts.models import Delivery, Notice, NoticePreference, User
from accounts.notices.kinds import KINDS, Kind, kind_of

SALT = "notices.unsubscribe"
DIGEST = "*digest"  # instead of a kind: all that comes in the daily mail


def deliveries_of(people: Sequence[tuple[User, Kind]]) -> list[str]:
    """How each of them wants to hear of that kind. Nobody who cannot sign in gets mail."""
    rows = NoticePreference.objects.filter(
        user__in=[user.pk for user, _kind in people], kind__in=[kind.name for _user, kind in people]
    )
    chosen = {(user, kind): delivery for user, kind, delivery in rows.values_list("user", "kind", "delivery")}
    return [
        chosen.get((user.pk, kind.name), kind.default) if user.is_active else Delivery.SITE
        for user, kind in people
    ]


def deliveries(user: User) -> dict[str, str]:
    """By kind, what holds for this person."""
    chosen = dict(NoticePreference.objects.filter(user=user).values_list("kind", "delivery"))
    kinds = {name: kind for name, kind in KINDS.items() if user.is_staff or not kind.for_staff}
    return {name: chosen.get(name, kind.default) for name, kind in kinds.items()}


@transaction.atomic
def choose(*, user: User, wanted: Mapping[str, str], by: User | None) -> None:
    """Deliveries by kind. What waits for a digest follows the choice; `by=None` stands for a link in a mail."""
    before = deliveries(user)
    changed = {kind: delivery for kind, delivery in wanted.items() if before.get(kind) != delivery}
    if not changed:
        return
    NoticePreference.objects.bulk_create(
        [NoticePreference(user=user, kind=kind, delivery=delivery) for kind, delivery in changed.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["delivery"],
    )
    silent = [kind for kind, delivery in changed.items() if delivery == Delivery.SITE]
    waiting = Notice.objects.waiting().filter(user=user, kind__in=silent)
    waiting.update(delivery=Delivery.SITE)
    audit.record(action="user.notices", target=user, by=by, **changed)


def unsubscribe_token(user_id: int, kind: str) -> str:
    return signing.dumps([user_id, kind], salt=SALT)


def read_token(token: str) -> tuple[User, str] | None:
    """Whose mail it stood in, and the kind; None for what we have not signed, and for an account that is gone."""
    try:
        user_id, kind = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=user_id).first()
    return (user, kind) if user else None


def unsubscribe(user: User, kind: str) -> None:
    """No mails of this kind any more, or no digests. The notices stay on the site."""
    if kind == DIGEST:
        kinds = [name for name, delivery in deliveries(user).items() if delivery == Delivery.DIGEST]
    else:
        kinds = [kind_of(kind).name]
    choose(user=user, wanted=dict.fromkeys(kinds, Delivery.SITE), by=None)
