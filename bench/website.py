"""The real web server, and people who are signed in there: for benches that go through it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User

PATIENCE_SECONDS = 60.0
GRACE_SECONDS = 10
UNREACHABLE = (OSError, HTTPException)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_TOKEN = re.compile(r"csrftoken=([^;]+)")


class Website:
    """gunicorn as it is run, on a free port, with the database of this process. Killed, it can be started again."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Website":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        given = {"DATABASE_URL": database.geturl(), "LOG_LEVEL": "ERROR"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}"],
            cwd=settings.BASE_DIR,
            env=os.environ | given,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if _is_file(sys.stderr) else subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            if time.monotonic() > until:
                self.stop()
                raise SystemExit("The site did not come up.")
            time.sleep(0.05)

    def kill(self) -> None:
        """In the middle of whatever it does, its workers with it."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def _answers(self) -> bool:
        link = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            link.request("GET", "/robots.txt")
            return link.getresponse().status == 200
        except UNREACHABLE:
            return False
        finally:
            link.close()


def _is_file(stream: Any) -> bool:
    try:
        return stream.fileno() >= 0
    except (OSError, ValueError, AttributeError):
        return False


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str


class Visitor:
    """Somebody who is signed in. What is on the way when the server dies raises one of UNREACHABLE."""

    def __init__(self, port: int, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.port, self.user = port, user
        self.cookies = f"sessionid={client.cookies['sessionid'].value}"

    def form(self, path: str, **query: Any) -> dict[str, str]:
        """What the button of the page would send."""
        return dict(_HIDDEN.findall(self.get(f"{path}?{urlencode(query)}").body))

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, answers: dict[str, str], *, as_program: bool) -> Answer:
        """Press it, or call it as a program, which is answered in JSON."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json" if as_program else "text/html",
        }
        return self._ask("POST", path, urlencode(answers), headers)

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        link = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            link.request(method, path, body, {"Cookie": self.cookies, **(headers or {})})
            response = link.getresponse()
            if token := _TOKEN.search(response.headers.get("Set-Cookie", "")):
                self.cookies += f"; {token[0]}"
            return Answer(response.status, response.headers.get("Location", ""), response.read().decode())
        finally:
            link.close()
