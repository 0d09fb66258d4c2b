"""Who is asking."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def address(request: HttpRequest) -> str:
    """The client's address, as the nearest of our own proxies saw it; an IPv6 client is its /64 network.

    Each trusted proxy appends the address it was called from, so the client's own claims stand to the left of those.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        seen = (forwarded[-settings.TRUSTED_PROXIES :] or [seen])[0] or seen
    return _network(seen)


def _network(text: str) -> str:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
