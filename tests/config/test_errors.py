"""Error pages: styled, in the reader's language, without database and session."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_protect

from config import urls as site

FAILURES = {"400": SuspiciousOperation, "403": PermissionDenied, "404": Http404, "500": ZeroDivisionError}


def fail(request: HttpRequest, code: str) -> HttpResponse:
    raise FAILURES[code]


urlpatterns = [
    path("fail/<code>", fail),
    path("api/fail/<code>", fail),
    path("guarded", csrf_protect(fail), {"code": "500"}),
    *site.urlpatterns,
]
handler400, handler403, handler404, handler500 = (
    site.handler400,
    site.handler403,
    site.handler404,
    site.handler500,
)

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("code", FAILURES)
def test_a_failure_is_answered_by_its_own_page(client, code):
    response = client.get(f"/fail/{code}")
    assert response.status_code == int(code)
    assert response.templates[0].name == f"errors/{code}.html"
    assert "style-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("code", FAILURES)
def test_the_api_fails_in_json(client, code):
    response = client.get(f"/api/fail/{code}")
    assert response.status_code == int(code)
    assert list(response.json()) == ["detail"]


def test_a_form_without_its_csrf_token_gets_the_styled_403():
    response = Client(enforce_csrf_checks=True).post("/guarded")
    assert response.status_code == 403
    assert response.templates[0].name == "errors/403.html"


@pytest.mark.django_db
def test_maintenance_answers_every_page_but_health(client, settings):
    settings.MAINTENANCE = True
    response = client.get("/fail/500")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response.templates[0].name == "errors/maintenance.html"
    assert client.get("/api/fail/500").json() == {"detail": "Back in a moment."}
    assert "parts" in client.get("/api/health").json()


def test_only_the_admin_may_use_style_attributes(client):
    assert "style-src-attr" not in client.get("/fail/404")["Content-Security-Policy"]
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "style-src-attr 'unsafe-inline'" in policy
    assert policy.count("unsafe") == 1
