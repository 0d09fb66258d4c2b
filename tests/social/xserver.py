"""The X API on loopback, as far as we speak to it. Pages and faults are scripted; it remembers what was asked.

with XServer() as x:
    x.posts = [x_post("1", "aiko", "Gardens #Kyoto")]
    x.fail(429, {"x-rate-limit-reset": "1767225600"})
"""

import json
from collections import deque
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.social.loopback import Loopback

PAGE = 100


def x_post(
    number, handle, text, *, at, likes=1, reposts=0, replies=0, views=10, followers=500, lang="en", **user
):
    counts = {"like_count": likes, "retweet_count": reposts, "reply_count": replies, "quote_count": 0}
    author = {
        "id": f"u-{handle}",
        "username": handle,
        "name": handle.title(),
        "created_at": "2015-03-01T10:00:00.000Z",
        "public_metrics": {"followers_count": followers, "following_count": 200},
    }
    return {
        "id": number,
        "author_id": f"u-{handle}",
        "text": text,
        "lang": lang,
        "created_at": at.isoformat().replace("+00:00", "Z"),
        "public_metrics": counts | {"impression_count": views},
    }, author | user


def x_id(handle):
    """By which X knows somebody."""
    return str(int.from_bytes(handle.encode()) % 10**18)


def x_message(number, handle, text, *, at, sender=""):
    """What somebody wrote to our account; `sender` is the handle that they had first."""
    event = {
        "id": number,
        "event_type": "MessageCreate",
        "text": text,
        "sender_id": x_id(sender or handle),
        "created_at": at.isoformat().replace("+00:00", "Z"),
    }
    return event, {"id": event["sender_id"], "username": handle, "name": handle.title()}


class XServer(Loopback):
    def __init__(self):
        self.posts = []  # pairs of a post and its author, as x_post makes them
        self.asked = []  # path, parameters, headers
        self.page = PAGE
        self.sent = []  # pairs of a person's id and a text: messages that X has taken
        self.heard = []  # what x_message made, newest first
        self.unknown = set()  # handles of nobody
        self.on_message = None  # called with each message before it is answered
        self._faults: deque = deque()
        super().__init__(self._handler())

    def fail(self, status, headers=None, body="{}"):
        self._faults.append((status, headers or {}, body))

    def good(self):
        """One good answer before what is queued next."""
        self._faults.append(None)

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                parts = urlsplit(self.path)
                params = {name: values[0] for name, values in parse_qs(parts.query).items()}
                server.asked.append((parts.path, params, dict(self.headers)))
                self.answer(200, lambda: server._answer(parts.path, params))

            def do_POST(self):
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, given, dict(self.headers)))
                self.answer(201, lambda: server._take(self.path, given))

            def answer(self, good, make):
                fault = server._faults.popleft() if server._faults else None
                status, headers, body = fault or (good, {}, json.dumps(make()))
                if status == 0:  # hangs up
                    self.close_connection = True
                    return
                data = body.encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                """Nothing: the tests read `asked`."""

        return Handler

    def _take(self, path, given):
        """A message, noted as it arrives."""
        to = path.removeprefix("/2/dm_conversations/with/").removesuffix("/messages")
        self.sent.append((to, given["text"]))
        if self.on_message:
            self.on_message()
        return {"data": {"dm_conversation_id": f"1-{to}", "dm_event_id": f"{len(self.sent)}"}}

    def _answer(self, path, params):
        if path.startswith("/2/users/by/username/"):
            handle = path.rpartition("/")[2]
            if handle in self.unknown:
                return {"errors": [{"title": "Not Found Error"}]}
            return {"data": {"id": x_id(handle), "username": handle}}
        if path == "/2/dm_events":
            return self._events(int(params.get("pagination_token", 0)))
        if path == "/2/tweets":
            wanted = set(params["ids"].split(","))
            return self._shown([one for one in self.posts if one[0]["id"] in wanted])
        since, until = (datetime.fromisoformat(params[name]) for name in ("start_time", "end_time"))
        there = [one for one in self.posts if since <= datetime.fromisoformat(one[0]["created_at"]) < until]
        there.sort(key=lambda one: one[0]["created_at"], reverse=True)
        page = min(self.page, int(params["max_results"]))
        start = int(params.get("next_token", 0))
        answer = self._shown(there[start : start + page])
        if start + page < len(there):
            answer["meta"]["next_token"] = str(start + page)
        return answer

    def _shown(self, pairs):
        users = {author["id"]: author for _post, author in pairs}
        answer = {"meta": {"result_count": len(pairs)}}
        return answer | (
            {"data": [post for post, _ in pairs], "includes": {"users": list(users.values())}}
            if pairs
            else {}
        )

    def _events(self, start):
        answer = self._shown(self.heard[start : start + self.page])
        if start + self.page < len(self.heard):
            answer["meta"]["next_token"] = str(start + self.page)
        return answer
