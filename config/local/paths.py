"""Where the embedded services of this clone live. Nothing here starts anything."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = env.folder("TRAVELOURE_LOCAL_DIR", BASE_DIR / ".local")
DATABASE = "traveloure"
DATABASE_USER = "postgres"
# A unix socket's path holds 104 bytes on macOS and 108 on Linux, the closing null included.
SOCKET_PATH_BYTES = 103


@dataclass(frozen=True)
class Local:
    """A folder with its own Postgres and Redis. `throwaway` ones skip what guards against a crash of the machine."""

    folder: Path = LOCAL_DIR
    throwaway: bool = False

    def make(self) -> None:
        """The folder, with the lock under which its services start and stop. ServiceError: it cannot be had."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "services.lock").touch()
        except OSError as error:
            raise ServiceError(
                f"{self.folder} cannot be used ({error.strerror}). Set TRAVELOURE_LOCAL_DIR to a folder of yours."
            ) from error

    @property
    def sockets(self) -> Path:
        """In the folder, or a short place of its own when the folder's path is too long for a socket."""
        sockets = self.folder / "sockets"
        if len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES:
            return sockets
        # Not tempfile.gettempdir(): two shells with different TMPDIR must come to the same answer.
        return Path("/tmp") / f"traveloure-{os.getuid()}-{sha256(os.fsencode(self.folder)).hexdigest()[:16]}"  # noqa: S108

    @property
    def pgdata(self) -> Path:
        return self.folder / "postgres"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.redis_socket))}"

    def database_url(self, name: str = DATABASE) -> str:
        return f"postgresql://{DATABASE_USER}@{quote(str(self.sockets), safe='')}/{name}"


class ServiceError(Exception):
    """A service that cannot be had; the message is one sentence with the remedy."""


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Whether it happens in time; asked ten times a second or more."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
