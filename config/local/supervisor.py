"""`make run`: the services, the web server, beat and a worker in one terminal, with one log."""

import contextlib
import fcntl
import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from types import FrameType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.local import services
from config.local.parts import all_parts, end_orphans, remember, say
from config.local.paths import Local, ServiceError, within
from config.local.prepare import prepare

SECONDS_BETWEEN_LOOKS = 0.2
PORT_SECONDS = 2
PARTS_FILE = "parts.json"
LOGINS = ("traveler@traveloure.example", "expert@traveloure.example", "staff@traveloure.example")
PASSWORD = "traveloure"  # noqa: S105  # of the demo accounts, which production never loads
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        run(Local(), env.integer("PORT", 8000, low=1, high=65535))
    except KeyboardInterrupt:
        say("Stopped.")
    except (ServiceError, ImproperlyConfigured) as error:
        say(str(error))
        return 1
    return 0


def run(local: Local, port: int) -> None:
    servers = services.wanted()
    with only_supervisor(local):
        end_orphans(local.folder / PARTS_FILE)
        require_free(port)
        with services.running(local, servers):
            prepare()
            supervise(local, servers, port)


@contextlib.contextmanager
def only_supervisor(local: Local) -> Iterator[None]:
    local.make()
    with (local.folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError("Traveloure already runs from this folder. Stop that one first.") from None
        yield


def require_free(port: int) -> None:
    # An orphan ended just now may hold its socket for a moment.
    if not within(PORT_SECONDS, lambda: is_free(port)):
        raise ServiceError(
            f"Port {port} is taken. Stop what uses it, or choose another: PORT={port + 1} make run"
        )


def is_free(port: int) -> bool:
    # On macOS one may bind an address of a port that somebody else has on all addresses.
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise ServiceError(f"Port {port} needs root. Choose one above 1023: PORT=8000 make run") from None
        except OSError:
            return False
        return True


def supervise(local: Local, servers: services.Servers, port: int) -> None:
    parts = all_parts(port)
    announced = False
    try:
        while True:
            services.revive(local, servers)
            if [part for part in parts if part.revive()]:
                remember(parts, local.folder / PARTS_FILE)
            if not announced and is_online(port):
                announced = True
                announce(port)
            time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        say("Stopping.")
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait()


def is_online(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/api/health")
        health = json.load(connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return all(state == "ok" for state in health["parts"].values())


def announce(port: int) -> None:
    say("")
    say(f"Traveloure is open at http://localhost:{port}")
    if not settings.PRODUCTION:
        say(f"Sign in as {', '.join(LOGINS)}; the password is {PASSWORD}.")
    say("Ctrl-C stops it.")
    say("")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends the work; later ones must not end the stopping."""
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
