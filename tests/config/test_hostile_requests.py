"""Requests that no browser sends: foreign hosts, null bytes, broken bodies. Each is answered, none fails."""

import re

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db

FOREIGN = [
    "evil.example",
    "testserver:evil",
    "testserver@evil.example",
    "testserver, evil.example",
    "[::1",
    "a b",
    "",
]
RESET = "/accounts/password/reset/"
LOGIN = "/accounts/login/"


# Hosts


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("production", [False, True])
def test_a_foreign_host_is_neither_served_nor_repeated(client, settings, host, production):
    settings.SECURE_SSL_REDIRECT = production
    response = client.get("/", headers={"host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode() + str(response.headers)


@pytest.mark.parametrize("host", FOREIGN)
def test_no_mail_goes_out_with_a_foreign_host(client, host):
    client.post(RESET, {"email": make_user().email}, headers={"host": host})
    assert mail.outbox == []


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_links_of_mails_name_our_host_whatever_headers_say(client, header):
    client.post(RESET, {"email": make_user().email}, headers={header: "evil.example"})
    assert set(re.findall(r"https?://([^/\s]+)", str(mail.outbox[0].body))) == {"localhost:8000"}


@pytest.mark.parametrize(
    "path", ["//evil.example/admin", "/%2fevil.example/admin", "/\\evil.example", "/admin/..//evil"]
)
def test_no_path_leads_to_another_host(path):
    response = Client().generic("GET", path)
    assert not re.match(r"(https?:)?[/\\]{2}(?!testserver)", response.headers.get("Location", ""))


# Null bytes


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "django_language"])
def test_a_cookie_with_a_null_byte_is_nobodys(client, name):
    response = client.get(LOGIN, headers={"cookie": f'{name}="\\000{"a" * 31}"'})
    assert (response.status_code, response.wsgi_request.user.is_authenticated) == (200, False)


def test_a_session_key_of_ones_own_choice_is_not_kept(client):
    make_user(email="ada@example.com")
    client.cookies["sessionid"] = "chosenbysomebodyelse"
    client.post(LOGIN, {"login": "ada@example.com", "password": "correct horse battery"})
    assert Session.objects.get().session_key != "chosenbysomebodyelse"


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/experts/mei%00/",
        "/trips/1%00/experts/",
        "/static/%00",
        "/accounts/confirm-email/%00/",
        "/accounts/password/reset/key/%00-set-password/",
        "/admin/%00/",
    ],
)
def test_an_address_with_a_null_byte_is_nowhere(client, path):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert client.get(path).status_code == 404


def test_no_list_of_the_admin_looks_for_a_null_byte(client):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for query in ("q=%00", "state__exact=%00", "p=%00", "status__exact=draft&%00=1"):
            assert client.get(f"{url}?{query}").headers["Location"] == f"{url}?e=1"


@pytest.mark.parametrize(
    "header", ["User-Agent", "Referer", "Accept-Language", "HX-Current-URL", "X-Request-ID"]
)
@pytest.mark.parametrize("value", ["\0", "x" * 8000, "é".encode().decode("latin1"), "[::1"])
def test_odd_headers_break_no_page(client, header, value):
    assert client.get(LOGIN, headers={header: value}).status_code == 200


# Bodies


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"login=" + b"x" * 1_000_001, "application/x-www-form-urlencoded"),
        ("&".join(f"f{number}=x" for number in range(501)).encode(), "application/x-www-form-urlencoded"),
        (b"login=%ff%fe", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"no boundary", "multipart/form-data"),
    ],
    ids=["too long", "too many fields", "another charset", "no boundary"],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(client, body, content_type):
    response = client.generic("POST", LOGIN, body, content_type=content_type)
    assert (response.status_code, response.templates[0].name) == (400, "errors/400.html")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"login=ada", "application/x-www-form-urlencoded; charset=bogus"),
        (b"--x\r\ncut off", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00", ""),
        (b"login=%ff%00&password=%f0%28", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_says_nothing_gets_the_form_again(client, body, content_type):
    response = client.generic("POST", LOGIN, body, content_type=content_type)
    assert response.status_code == 200
    assert response.context["form"].errors
