"""Slack on loopback, as far as we speak to it: its web API, webhooks, and the requests it signs and sends to us.

with SlackServer() as slack:
    slack.fail("chat.update", 429, {"Retry-After": "30"})
    ...
    assert slack.calls("chat.postMessage")[0]["channel"] == "C1"
"""

import hashlib
import hmac
import json
import time
from collections import defaultdict, deque
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlencode

from tests.social.loopback import Loopback

SECRET = "secret-of-slack"
HOOK = "/services/T1/B1/x"


class SlackServer(Loopback):
    def __init__(self):
        self.asked = []  # pairs of a method (of a webhook, its path) and what was given
        self.tokens = []  # what each of them came with
        self._faults = defaultdict(deque)
        super().__init__(self._handler())

    @property
    def url(self):
        return f"{super().url}/api/"

    @property
    def webhook(self):
        return self.url.replace("/api/", HOOK)

    def fail(self, method, status, headers=None, error="ratelimited"):
        """The next call of the method; a status of 0 hangs up."""
        self._faults[method].append((status, headers or {}, {"ok": False, "error": error}))

    def calls(self, method):
        return [given for name, given in self.asked if name == method]

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                method = self.path.removeprefix("/api/")
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                server.asked.append((method, given))
                server.tokens.append(self.headers["Authorization"])
                good = {
                    "ok": True,
                    "channel": given.get("channel", "C1"),
                    "ts": f"1700.{len(server.asked):04}",
                }
                faults = server._faults[method]
                status, headers, answer = faults.popleft() if faults else (200, {}, good)
                if status == 0:
                    self.close_connection = True
                    return
                text = json.dumps(answer)
                if method == HOOK:  # in plain words
                    text = answer.get("error", "ok")
                data = text.encode()
                self.send_response(status)
                given_headers = {"Content-Type": "application/json", "Content-Length": str(len(data))}
                for name, value in {**given_headers, **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                """Nothing: the tests read `asked`."""

        return Handler


def signed(payload, *, secret=SECRET, age=0.0, signature=""):
    """Body and headers of a request as Slack sends it, so many seconds old."""
    body = urlencode({"payload": json.dumps(payload)})
    at = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return body, {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature or f"v0={digest}"}


def press(act, row, *, user="U1", choice="", seen=""):
    """A button of the message."""
    values = {"choice": {"choose": {"selected_option": {"value": choice}}}} if choice else {}
    return {
        "type": "block_actions",
        "user": {"id": user},
        "trigger_id": "trigger-1",
        "channel": {"id": "C1"},
        "message": {"ts": "1699.7"},
        "state": {"values": values},
        "actions": [{"action_id": act, "value": f"{row.pk}:{seen or row.state}"}],
    }


def submit(act, row, text, *, user="U1", seen=""):
    """A window that was filled in."""
    return {
        "type": "view_submission",
        "user": {"id": user},
        "view": {
            "callback_id": act,
            "private_metadata": f"{row.pk}:{seen or row.state}",
            "state": {"values": {"said": {"text": {"value": text}}}},
        },
    }
