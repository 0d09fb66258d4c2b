"""Files whose row never came to be, or went without them: a process that died in between leaves some."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.core.files.storage import Storage
from django.utils import timezone

# Whatever is younger may belong to a row that is being written.
YOUNGEST = timedelta(days=1)


def remove(storage: Storage, folder: str, unknown: Callable[[list[str]], set[str]]) -> int:
    """Delete what lies one folder below and nobody refers to; how many files that were.

    `unknown` says of some names, as they are below their folder, which no row knows.
    """
    removed = 0
    for below, names in _folders(storage, folder):
        old = [name for name in names if _is_old(storage, f"{below}/{name}")]
        for name in unknown(old) if old else ():
            storage.delete(f"{below}/{name}")
            removed += 1
    return removed


def _folders(storage: Storage, folder: str) -> Iterator[tuple[str, list[str]]]:
    try:
        below, _files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    for name in below:
        yield f"{folder}/{name}", storage.listdir(f"{folder}/{name}")[1]


def _is_old(storage: Storage, path: str) -> bool:
    try:
        return storage.get_modified_time(path) < timezone.now() - YOUNGEST
    except FileNotFoundError:  # deleted meanwhile
        return False
