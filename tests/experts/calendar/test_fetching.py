"""Addresses that experts type: what is read, and where nobody gets."""

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from experts.calendar import fetching
from experts.calendar.fetching import check_host, fetch, is_public, place_of
from experts.calendar.troubles import Trouble, Unreadable


def trouble(act, *given):
    with pytest.raises(Unreadable) as refusal:
        act(*given)
    return refusal.value.trouble


@pytest.mark.parametrize(
    "address",
    [
        *[
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
        ],
        *["0.0.0.0", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"],  # noqa: S104
        *["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"],
        *["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo, of 127.0.0.1
    ],
)
def test_addresses_inside_are_not_public_in_whatever_clothes(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "142.250.185.78", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *[
            "ftp://example.com/a.ics",
            "file:///etc/passwd",
            "gopher://example.com",
            "//example.com",
            "example.com",
        ],
        *["https://", "https:///a", "https://user:secret@example.com/", "https://example.com:8080/"],
        *[
            "http://example.com:22/",
            "https://example.com:x/",
            "https://exa mple.com/",
            "https://example.com/\r\nX: y",
        ],
        *["javascript:alert(1)", "", "https://[::1", "https://" + "a" * 70 + ".com/"],
    ],
)
def test_what_is_no_plain_web_address_is_refused_unread(url):
    assert trouble(place_of, url) == Trouble.ADDRESS


def test_the_scheme_of_calendar_programs_means_https():
    assert place_of("webcal://example.com/a?b=ü") == fetching.Place("https", "example.com", "/a?b=%C3%BC")


def test_a_name_in_other_letters_is_asked_for_as_the_net_knows_it():
    assert place_of("https://münchen.example/").host == "xn--mnchen-3ya.example"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1.", "localhost.", "printer.lan."])
def test_a_name_that_leads_inside_is_refused_before_anybody_is_asked(host):
    assert trouble(check_host, place_of(f"http://{host}/")) == Trouble.PRIVATE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0"])
def test_this_very_machine_is_refused_however_it_is_written(host):
    assert trouble(fetch, f"http://{host}/") in {Trouble.PRIVATE, Trouble.UNREACHABLE}


def resolving(monkeypatch, *answers):
    """Every name means the next of these lists of addresses. Returns the names that were asked for."""
    asked, left = [], list(answers)

    def getaddrinfo(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["1.1.1.1", "169.254.169.254"]])
def test_a_name_with_one_address_inside_is_refused_and_nobody_is_called(monkeypatch, addresses):
    resolving(monkeypatch, addresses)
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("it connected"))
    assert trouble(fetch, "https://calendar.example/") == Trouble.PRIVATE


# From here on the loopback counts as public, so that there is somebody to talk to.


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.answers: dict[str, tuple[int, dict[str, str], list[Any]]] = {}  # by path: status, headers, body
        self.seen: list[tuple[str, dict[str, str]]] = []


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        status, headers, body = self.server.answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in body:
            if callable(piece):
                piece()
            else:
                self.wfile.write(piece)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(fetching, "PORTS", {"http": running.server_port, "https": 1})
    yield running
    running.shutdown()
    running.server_close()


URL = "http://127.0.0.1"


def test_a_calendar_is_read_without_compression_or_a_trace_of_us(server):
    server.answers["/a.ics?x=1"] = (200, {}, [b"BEGIN:VCALENDAR"])
    assert fetch(f"{URL}/a.ics?x=1") == b"BEGIN:VCALENDAR"
    ((_, headers),) = server.seen
    assert headers["Accept-Encoding"] == "identity"
    assert {"Cookie", "Authorization", "Referer"}.isdisjoint(headers)


def test_it_follows_redirects_to_an_end(server):
    server.answers["/a"] = (302, {"Location": "/b"}, [])
    server.answers["/b"] = (301, {"Location": f"{URL}/c"}, [])
    server.answers["/c"] = (200, {}, [b"found"])
    assert fetch(f"{URL}/a") == b"found"
    server.answers["/c"] = (302, {"Location": "/a"}, [])
    assert trouble(fetch, f"{URL}/a") == Trouble.REDIRECTS


@pytest.mark.parametrize(
    ("onward", "expected"),
    [
        ("http://169.254.169.254/latest/meta-data", Trouble.PRIVATE),
        ("http://[::1]/", Trouble.PRIVATE),
        ("file:///etc/passwd", Trouble.ADDRESS),
        ("http://127.0.0.1:6379/", Trouble.ADDRESS),
    ],
)
def test_a_redirect_is_judged_like_an_address_that_was_typed(server, onward, expected):
    server.answers["/a"] = (302, {"Location": onward}, [])
    assert trouble(fetch, f"{URL}/a") == expected


def test_a_name_that_changes_its_mind_is_asked_once_and_connected_to_what_was_checked(server, monkeypatch):
    asked = resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    server.answers["/a"] = (200, {}, [b"found"])
    assert fetch("http://rebinding.example/a") == b"found"
    assert asked == ["rebinding.example"]
    assert server.seen[0][1]["Host"] == "rebinding.example"


def test_a_name_that_leads_inside_at_the_redirect_is_refused(server, monkeypatch):
    resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    server.answers["/a"] = (302, {"Location": "http://rebinding.example/b"}, [])
    assert trouble(fetch, "http://rebinding.example/a") == Trouble.PRIVATE


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *[(status, Trouble.REFUSED) for status in (401, 403)],
        *[(status, Trouble.MISSING) for status in (404, 410)],
        *[(status, Trouble.ANSWER) for status in (204, 206, 500, 503)],
    ],
)
def test_an_answer_that_is_no_calendar_has_its_own_words(server, status, expected):
    server.answers["/a"] = (status, {}, [])
    assert trouble(fetch, f"{URL}/a") == expected


def test_what_is_packed_is_not_unpacked(server):
    server.answers["/a"] = (200, {"Content-Encoding": "gzip"}, [b"x"])
    assert trouble(fetch, f"{URL}/a") == Trouble.ANSWER


@pytest.mark.parametrize("told", [True, False])
def test_what_is_too_big_is_not_read_to_its_end(server, monkeypatch, told):
    monkeypatch.setattr(fetching, "MOST_BYTES", 1000)
    server.answers["/a"] = (200, {"Content-Length": "1001"} if told else {}, [b"x" * 1001])
    assert trouble(fetch, f"{URL}/a") == Trouble.TOO_BIG
    server.answers["/a"] = (200, {}, [b"x" * 1000])
    assert len(fetch(f"{URL}/a")) == 1000


@pytest.mark.parametrize("drip", ["head", "body"])
def test_who_drips_is_hung_up_on(server, monkeypatch, drip):
    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    body = [b"x", *[lambda: time.sleep(0.2), b"x"] * 50]
    if drip == "head":
        body = [b"\r\n".join([b"x"]), *body]
        monkeypatch.setattr(Answers, "end_headers", lambda handler: handler.flush_headers())
    server.answers["/a"] = (200, {}, body)
    began = time.monotonic()
    assert trouble(fetch, f"{URL}/a") == Trouble.SLOW
    assert time.monotonic() - began < 5


def test_who_is_not_there_cannot_be_reached(monkeypatch):
    with unused_port() as port:
        monkeypatch.setattr(fetching, "is_public", lambda address: True)
        monkeypatch.setattr(fetching, "PORTS", {"http": port})
        assert trouble(fetch, f"{URL}/") == Trouble.UNREACHABLE


@contextmanager
def unused_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_no_thread_and_no_socket_is_left_behind(server):
    server.answers["/a"] = (200, {}, [b"found"])
    before = {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)}
    fetch(f"{URL}/a")
    time.sleep(0.2)
    assert {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)} == before
