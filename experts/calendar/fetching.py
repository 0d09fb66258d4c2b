"""Reads an address that somebody typed, without becoming their way into our own network.

A name is resolved once, every address it has must be public, and the connection goes to one of those very addresses:
what the name means a moment later, or at the next redirect, is judged anew.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from experts.calendar.troubles import Trouble, Unreadable

MOST_BYTES = 2_000_000
MOST_REDIRECTS = 4
CONNECT_SECONDS = 5.0
SECONDS = 20.0
PORTS = {"https": 443, "http": 80}
AGENT = "Traveloure calendar import"
CHUNK = 65_536
REDIRECTS = {301, 302, 303, 307, 308}
# IPv6 addresses that stand for an IPv4 one.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Names that only a network of its own knows.
INSIDE = ("localhost", ".local", ".internal", ".lan")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(text: str) -> bool:
    """Whether the address belongs to the public internet, in whatever clothes it comes."""
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    return address.is_global and not (
        address.is_multicast
        or address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_reserved
        or address.is_unspecified
    )


def _plain(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


@dataclass(frozen=True)
class Place:
    """What an address names, checked as far as it can be without asking anybody."""

    scheme: str
    host: str
    target: str

    @property
    def port(self) -> int:
        return PORTS[self.scheme]


def place_of(url: str) -> Place:
    """Raises Unreadable for what is no plain web address. Calendar programs write webcal:// for https://."""
    try:
        parts = urlsplit(url.strip())
        scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme, parts.scheme)
        plain = scheme in PORTS and not parts.username and not parts.password
        if not (plain and parts.hostname and parts.port in {None, PORTS.get(scheme)} and _is_printable(url)):
            raise Unreadable(Trouble.ADDRESS)
        # The dot of the root names the same place, and would hide it from whoever looks at the name.
        host = parts.hostname.encode("idna").decode("ascii").removesuffix(".")
    except ValueError as error:  # of ports and names that are none
        raise Unreadable(Trouble.ADDRESS) from error
    return Place(scheme, host, _target(parts))


def check_host(place: Place) -> None:
    """Raises Unreadable where the name itself leads nowhere public. What other names stand for is seen when they are
    asked, by whoever asks.
    """
    outright = _outright(place.host)
    if place.host.endswith(INSIDE) or (outright is not None and not is_public(outright)):
        raise Unreadable(Trouble.PRIVATE)


def _outright(host: str) -> str | None:
    """The address that a host is written as, in any of the ways that are understood: 127.1, 0x7f.1, 2130706433."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _is_printable(url: str) -> bool:
    return url.isprintable() and not any(letter.isspace() for letter in url.strip())


def _target(parts: SplitResult) -> str:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "".join(letter if letter.isascii() else _escaped(letter) for letter in target)


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def fetch(url: str) -> bytes:
    """The content behind the address. Raises Unreadable."""
    ends = time.monotonic() + SECONDS
    place = place_of(url)
    for _ in range(MOST_REDIRECTS + 1):
        with _answer(place, ends) as answer:
            if answer.status not in REDIRECTS:
                return _content(answer, ends)
            location = answer.headers.get("Location", "")
        onward = place_of(urljoin(f"{place.scheme}://{place.host}{place.target}", location))
        if place.scheme == "https" and onward.scheme != "https":
            raise Unreadable(Trouble.ADDRESS)  # what was said in secret is not said aloud
        place = onward
    raise Unreadable(Trouble.REDIRECTS)


@contextmanager
def _answer(place: Place, ends: float) -> Iterator[http.client.HTTPResponse]:
    raw = _connected(place, ends)
    hand = raw.dup()  # stays ours when TLS takes the socket over
    alarm = threading.Timer(max(ends - time.monotonic(), 0), _hang_up, [hand])
    alarm.start()
    try:
        with _asked(place, raw) as answer:
            yield answer
    except (OSError, http.client.HTTPException) as error:
        late = time.monotonic() >= ends or isinstance(error, TimeoutError)
        raise Unreadable(Trouble.SLOW if late else Trouble.UNREACHABLE) from error
    finally:
        alarm.cancel()
        _hang_up(hand)
        hand.close()
        raw.close()


def _hang_up(hand: socket.socket) -> None:
    """Ends whatever waits for the other side, which may drip a letter a second for ever."""
    try:
        hand.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


def _asked(place: Place, raw: socket.socket) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = raw
    if place.scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=place.host)
    headers = {
        "Host": f"[{place.host}]" if ":" in place.host else place.host,
        "User-Agent": AGENT,
        "Accept": "text/calendar, */*;q=0.5",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    connection.request("GET", place.target, headers=headers)
    return connection.getresponse()


def _connected(place: Place, ends: float) -> socket.socket:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreadable(Trouble.UNREACHABLE) from error
    # One that is not public is reason enough: an honest name has none.
    if not all(is_public(str(address[0])) for *_, address in found):
        raise Unreadable(Trouble.PRIVATE)
    for family, kind, protocol, _name, address in found:
        raw = socket.socket(family, kind, protocol)
        raw.settimeout(max(min(CONNECT_SECONDS, ends - time.monotonic()), 0.01))
        try:
            raw.connect(address)
        except OSError:
            raw.close()
            continue
        return raw
    raise Unreadable(Trouble.UNREACHABLE)


def _content(answer: http.client.HTTPResponse, ends: float) -> bytes:
    if answer.status != http.HTTPStatus.OK:
        raise Unreadable(_trouble(answer.status))
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreadable(Trouble.ANSWER)  # we asked for none, and a small file may unpack to a huge one
    if (answer.length or 0) > MOST_BYTES:
        raise Unreadable(Trouble.TOO_BIG)
    content = b""
    while chunk := answer.read(min(CHUNK, MOST_BYTES + 1 - len(content))):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Unreadable(Trouble.TOO_BIG)
    if time.monotonic() >= ends:  # the alarm cut it off
        raise Unreadable(Trouble.SLOW)
    return content


def _trouble(status: int) -> Trouble:
    if status in {401, 403, 407}:
        return Trouble.REFUSED
    return Trouble.MISSING if status in {404, 410} else Trouble.ANSWER
