"""What the marketplace holds about a person. Each app says it of its own models, in `<app>/personal.py`, which its
AppConfig.ready imports; `accounts.archives` hands it out and `accounts.erasing` takes it away.

    personal.hold("travelers", personal.Held("trips", lambda user: Trip.objects.filter(traveler=user), personal.delete))
    personal.exempt(Exposure, "Goes with the trip's list and says nothing that the list does not.")

Every model with a path to the user is declared in one of the two ways: tests/accounts/personal walks them all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_noop

from accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Rows = QuerySet[Any]
File = tuple[str, Iterable[bytes]]  # a name and the content in pieces

# What is stored where an erased person's name stood. Pages say it in the reader's language by the filter `person`.
ERASED_NAME = gettext_noop("Former member")


def nothing(rows: Rows) -> None:
    """For rows that stay as they are, or go with others."""


def delete(rows: Rows) -> None:
    rows.delete()


def blank(**values: Any) -> Callable[[Rows], None]:
    def erase(rows: Rows) -> None:
        rows.update(**values)

    return erase


@dataclass(frozen=True)
class Held:
    """Rows of one model about a person.

    `name` is that of the file in the archive, `rows` finds them, `erase` takes out of them what is the person's.
    `stays` is a sentence for the person about what is left, `without` names columns that are no part of the archive,
    because they are secrets or somebody else's. `files` gives the attachments of a row.
    """

    name: str
    rows: Callable[[User], Rows]
    erase: Callable[[Rows], None]
    stays: "StrOrPromise" = ""
    without: frozenset[str] = frozenset()
    files: Callable[[Any], Iterable[File]] | None = None

    @property
    def model(self) -> type[Model]:
        found: type[Model] = self.rows(User(pk=0)).model
        return found


_held: dict[str, list[Held]] = {}
_exempt: dict[type[Model], str] = {}
_said: dict[type[Model], list[str]] = {}
_blockers: list[Callable[[User], "StrOrPromise"]] = []
_afterwards: list[Callable[[User], Callable[[], None]]] = []


def hold(app: str, *rows: Held) -> None:
    """Rows are erased in the order of this list, those of higher floors before those they stand on."""
    _held.setdefault(app, []).extend(rows)


def exempt(model: type[Model], reason: str) -> None:
    _exempt[model] = reason


def say(model: type[Model], *names: str) -> None:
    """Where the trail of these rows holds what people wrote themselves: names in an event's detail."""
    _said[model] = [*names]


def said() -> dict[type[Model], list[str]]:
    return dict(_said)


def block(why: Callable[[User], "StrOrPromise"]) -> None:
    """`why` answers with the sentence for which this account can't be erased at present, or with nothing."""
    _blockers.append(why)


def afterwards(prepare: Callable[[User], Callable[[], None]]) -> None:
    """`prepare` is asked before anything is erased and answers with what has to follow: counts, indexes."""
    _afterwards.append(prepare)


def held() -> Iterator[tuple[str, Held]]:
    """Everything that is declared, with its app: lower floors first."""
    for app, rows in _held.items():
        for one in rows:
            yield app, one


def held_to_erase() -> Iterator[Held]:
    for rows in reversed(_held.values()):
        yield from rows


def exempted() -> dict[type[Model], str]:
    return dict(_exempt)


def obstacles(user: User) -> list[str]:
    return [str(why) for blocker in _blockers if (why := blocker(user))]


def followers(user: User) -> list[Callable[[], None]]:
    return [prepare(user) for prepare in _afterwards]


def stays() -> list[str]:
    """A sentence for each kind of row that is left."""
    return list(dict.fromkeys(str(one.stays) for _app, one in held() if one.stays))
