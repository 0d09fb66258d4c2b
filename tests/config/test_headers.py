"""What every answer carries, whatever it is: the policy that keeps foreign scripts and frames out."""

from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from config import health, middleware
from tests.config.test_errors import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
MULTIPART = "multipart/form-data"  # without the boundary that it needs
# How to get each kind of answer: its status, and the request.
ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    "page": (200, {"path": "/"}),
    "form": (200, {"path": "/accounts/login/"}),
    "fragment": (200, {"path": "/cities/search/?q=ky"}),
    "redirect": (302, {"path": "/trips/"}),
    "missing slash": (301, {"path": "/admin"}),
    "foreign host": (400, {"path": "/", "HTTP_HOST": "evil.example"}),
    "broken body": (
        400,
        {"method": "POST", "path": "/accounts/login/", "data": b"x", "content_type": MULTIPART},
    ),
    "forbidden": (403, {"path": "/fail/403"}),
    "missing": (404, {"path": "/nowhere"}),
    "wrong method": (405, {"method": "PUT", "path": "/"}),
    "failure": (500, {"path": "/fail/500"}),
    "failure of the api": (500, {"path": "/api/fail/500"}),
}


def ask(method="GET", **request):
    return Client(raise_request_exception=False).generic(method, **request)


def policy(response):
    directives = response["Content-Security-Policy"].split(";")
    return dict(directive.strip().split(" ", 1) for directive in directives if directive.strip())


def guards(response):
    return [
        response[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    ]


GUARDS = ["nosniff", "same-origin", "same-origin"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_has_the_whole_policy(kind):
    status, request = ANSWERS[kind]
    response = ask(**request)
    assert (response.status_code, policy(response), guards(response)) == (status, POLICY, GUARDS)


def test_so_has_the_answer_to_one_request_too_many(settings):
    settings.RATE_LIMITS = configured.RATE_LIMITS | {"search": "1/minute"}
    ask(path="/cities/search/")
    response = ask(path="/cities/search/")
    assert (response.status_code, policy(response), guards(response)) == (429, POLICY, GUARDS)


def test_so_has_the_page_of_maintenance(settings):
    settings.MAINTENANCE = True
    response = ask(path="/")
    assert (response.status_code, policy(response), guards(response)) == (503, POLICY, GUARDS)


def test_so_has_the_page_while_the_database_hangs(settings, monkeypatch):
    settings.WEB_THREADS = 1  # the only thread is the spare one
    monkeypatch.setattr(middleware, "database_hangs", lambda: True)
    response = ask(path="/")
    assert (response.status_code, policy(response), guards(response)) == (503, POLICY, GUARDS)
    assert response["Retry-After"] == "60"


def test_the_admin_adds_style_attributes_and_nothing_else():
    assert policy(ask(path="/admin/login/")) == POLICY | {"style-src-attr": "'unsafe-inline'"}


def test_health_is_data_and_never_a_page(monkeypatch):
    monkeypatch.setattr(health, "PROBES", {name: health.Probe(lambda: health.OK) for name in health.PROBES})
    response = ask(path="/api/health")
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/json", "nosniff")


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_pages_with_passwords_are_stored_nowhere(path):
    assert "no-store" in ask(path=path)["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites():
    client = Client()
    client.post(
        "/accounts/signup/", {"name": "Ada", "email": "ada@example.com", "password1": "a long phrase"}
    )
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
