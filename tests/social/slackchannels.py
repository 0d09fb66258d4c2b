"""Slack on loopback, as far as alerts speak to it: webhooks and chat.postMessage. Answers are scripted.

with SlackChannels() as slack:
    slack.say(429, "", {"Retry-After": "7"})
"""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SlackChannels:
    def __init__(self):
        self.posted = []  # path, headers, body of each message that came
        self._answers: deque = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def say(self, status, body="", headers=None):
        """Instead of the next good answer. No status: hang up after reading."""
        self._answers.append((status, body, headers or {}))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _handler(self):
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                slack.posted.append((self.path, dict(self.headers), body))
                good = "ok"
                if self.path.endswith("/chat.postMessage"):
                    good = json.dumps(
                        {"ok": True, "channel": body["channel"], "ts": f"17.{len(slack.posted)}"}
                    )
                status, text, headers = slack._answers.popleft() if slack._answers else (200, good, {})
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        return Handler
