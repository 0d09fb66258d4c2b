import pytest
from django.test import RequestFactory

from config import client


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "198.51.100.1"),  # anybody can claim that
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the client's own claim stands to the left
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (1, "", "198.51.100.1"),
        (1, "nonsense", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # one household owns the whole network
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_address_is_what_our_nearest_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="198.51.100.1", headers={"X-Forwarded-For": forwarded})
    assert client.address(request) == address


@pytest.mark.parametrize(
    ("seen", "address"),
    [
        ("", "unknown"),  # a unix socket
        ("fe80::1%eth0", "fe80::/64"),
        ("2001:DB8:0:0::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::2", "2001:db8::/64"),
        ("198.51.100.001", "unknown"),
        ("198.51.100.1:443", "unknown"),
        ("1.2.3.4\0", "unknown"),
    ],
)
def test_whatever_the_server_saw_is_an_address_or_unknown(seen, address):
    assert client.address(RequestFactory().get("/", REMOTE_ADDR=seen)) == address


def test_where_fewer_proxies_answered_than_were_named_the_first_of_them_is_believed(settings):
    settings.TRUSTED_PROXIES = 3
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.9"})
    assert client.address(request) == "203.0.113.9"


@pytest.mark.parametrize(
    ("path", "api"), [("/api/x", True), ("/api", False), ("/apis/", False), ("/x/api/", False)]
)
def test_what_the_api_is(path, api):
    assert client.is_api(RequestFactory().get(path)) == api
