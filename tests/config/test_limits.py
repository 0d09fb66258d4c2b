"""Limits, counted in a real Redis."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings as configured
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse
from limits import parse
from structlog.testing import capture_logs

from config import limits
from config.limits import excess
from config.views import too_many
from tests.factories import make_expert, make_market, make_user
from tests.hung import hung_server

DEFAULTS = configured.RATE_LIMITS


@pytest.fixture(autouse=True)
def _limits(settings, monkeypatch):
    settings.RATE_LIMITS = {
        "trip": "10/hour",
        "sign_in": "3/minute",
        "sign_up": "2/hour",
        "password_reset": "2/hour",
    }
    monkeypatch.setattr(limits, "_resting_until", 0.0)


def visit(client, method="post"):
    return getattr(client, method)(reverse("travelers:trip_create"))


def test_exactly_as_many_get_through_at_once_as_the_limit_says():
    with ThreadPoolExecutor(50) as pool:
        waits = list(pool.map(lambda _: excess("trip", ["user:1"]), range(200)))
    assert waits.count(0) == 10


def test_of_one_account_tried_from_many_places_at_once_no_try_is_lost_count_of():
    whom = [[f"address:{number}", "account:1"] for number in range(40)]
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda keys: excess("sign_in", keys), whom))
    assert waits.count(0) == 3


def test_who_goes_on_trying_does_not_wait_longer():
    waits = [excess("sign_in", ["account:1"]) for _ in range(20)]
    assert waits[3] >= waits[-1] > 0


def test_each_visitor_has_a_limit_of_their_own():
    for _ in range(11):
        excess("trip", ["user:1"])
    assert excess("trip", ["user:2"]) == 0


@pytest.mark.django_db
def test_the_eleventh_trip_waits_and_is_told_how_long(client):
    answers = [visit(client) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 3590 <= int(answers[-1]["Retry-After"]) <= 3600


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["right", "wrong"])
def test_what_somebody_over_the_limit_sends_is_not_even_read(settings, monkeypatch, token):
    settings.RATE_LIMITS["photo"] = "2/hour"
    files = []
    begun = MemoryFileUploadHandler.new_file
    monkeypatch.setattr(
        MemoryFileUploadHandler,
        "new_file",
        lambda self, *file, **more: files.append(file) or begun(self, *file, **more),  # type: ignore[func-returns-value]
    )
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_expert(make_market()).user)
    page = client.get(reverse("experts:photos")).content.decode()
    answer = (
        re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0] if token == "right" else "x" * 64
    )
    said = []
    for _ in range(4):
        sent = {"into": "portrait", "portrait-picture": SimpleUploadedFile("a.png", b"no picture")}
        response = client.post(reverse("experts:photos"), sent | {"csrfmiddlewaretoken": answer})
        said.append((response.status_code, len(files)))
    first = 200 if token == "right" else 403
    assert said == [(first, 1), (first, 2), (429, 2), (429, 2)]


@pytest.mark.django_db
def test_reading_the_form_costs_nothing(client):
    assert {visit(client, "get").status_code for _ in range(12)} == {200}


@pytest.mark.django_db
def test_the_city_search_is_limited_as_well_whatever_asks_it(client, settings):
    settings.RATE_LIMITS = {"search": "2/minute"}
    methods = [client.get, client.head, client.get, client.head]
    answers = [ask(reverse("markets:search"), {"q": "ky"}).status_code for ask in methods]
    assert answers == [200, 200, 429, 429]


@pytest.mark.django_db
def test_nobody_sends_mails_to_one_address_after_the_other(client, settings):
    settings.RATE_LIMITS = {"email_change": "2/hour"}
    client.force_login(make_user())
    for number in range(4):
        answer = client.post(
            reverse("account_email"), {"action_add": "", "email": f"victim{number}@example.com"}
        )
    assert (answer.status_code, len(mail.outbox)) == (429, 2)


@pytest.mark.django_db
def test_codes_of_one_account_cannot_be_tried_from_many_addresses(client):
    user = make_user()
    totp.TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    client.post(reverse("account_login"), {"login": user.email, "password": "correct horse battery"})
    code = reverse("mfa_authenticate")
    tries = [
        client.post(code, {"code": "000000"}, REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(5)
    ]
    assert tries == [200, 200, 200, 429, 429]


def test_every_rule_names_a_page_and_a_limit(settings):
    settings.RATE_LIMITS = DEFAULTS
    for name, rule in limits.RULES.items():
        pattern = [
            kwargs
            for kwargs in (
                {},
                {"pk": 1},
                {"slug": "x"},
                {"step": "x"},
                {"pk": 1, "slug": "x"},
                {"pk": 1, "proposal": 1},
                {"token": "x"},
                {"pk": UUID(int=1)},
            )
            if _reverses(name, kwargs)
        ]
        assert pattern, name
        assert parse(settings.RATE_LIMITS[rule.limit]).amount > 0


# Forms without a limit: they act on what is the visitor's own, and no guess of theirs is worth another try.
UNLIMITED = {
    "account_confirm_login_code",  # refused: nobody signs in by mailed codes
    "account_logout",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_generate_recovery_codes",
}


@pytest.mark.django_db
def test_every_form_that_needs_no_row_has_a_limit_or_a_reason(settings):
    settings.RATE_LIMITS = DEFAULTS
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str) and _reverses(name, {})}
    taking = {name for name in names if _post_signed_in(name) not in {404, 405}}
    assert taking - limits.RULES.keys() == UNLIMITED


def _post_signed_in(name):
    client = Client()
    client.force_login(make_user())
    return client.post(reverse(name)).status_code


def _reverses(name, kwargs):
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return None


@pytest.mark.django_db
def test_one_address_cannot_try_many_accounts(client):
    tries = [sign_in(client, f"person{n}@traveloure.example") for n in range(4)]
    assert tries == [200, 200, 200, 429]


@pytest.mark.django_db
def test_one_account_cannot_be_tried_from_many_addresses(client):
    spellings = [
        "Ana@traveloure.example",
        "ana@traveloure.example",
        " ana@traveloure.example",
        "ANA@TRAVELOURE.EXAMPLE",
    ]
    tries = [sign_in(client, name, REMOTE_ADDR=f"203.0.113.{n}") for n, name in enumerate(spellings)]
    assert tries == [200, 200, 200, 429]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["account_signup", "account_reset_password"])
def test_sign_up_and_password_reset_are_limited(client, form):
    answers = [client.post(reverse(form), {"email": "nobody"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.django_db
def test_the_page_of_a_limit_is_styled_and_never_stored(client):
    for _ in range(4):
        response = client.post(
            reverse("account_login"), {"login": "ana@traveloure.example", "password": "wrong"}
        )
    assert response.status_code == 429
    assert "errors/429.html" in [template.name for template in response.templates]


@pytest.mark.django_db
def test_without_redis_requests_go_through_and_one_warning_is_logged(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    with capture_logs() as logs:
        answers = {visit(client).status_code for _ in range(12)}
    assert answers == {200}
    assert [entry["event"] for entry in logs if "limits" in entry["event"]] == ["limits_off"]


def test_a_redis_that_hangs_is_asked_by_one_request_and_not_by_the_next(settings):
    with hung_server() as server:
        settings.REDIS_URL = server.redis_url
        assert [excess("trip", ["user:1"]) for _ in range(3)] == [0, 0, 0]
        assert server.visits() == 1


def test_the_api_is_told_in_json_when_to_come_back():
    response = too_many(RequestFactory().get("/api/trips"), 7)
    assert (response.status_code, response["Retry-After"]) == (429, "7")
    assert json.loads(response.content) == {"detail": "Too many requests."}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "in a minute"),
        (90, "in a minute"),
        (1800, "in 30\xa0minutes"),
        (3590, "in 1\xa0hour"),
        (3661, "in 1\xa0hour, 2\xa0minutes"),
    ],
)
def test_the_page_says_how_long_in_words(seconds, said):
    assert said in too_many(RequestFactory().get("/"), seconds).content.decode()


def sign_in(client, email: str, **extra: str) -> int:
    return client.post(reverse("account_login"), {"login": email, "password": "wrong"}, **extra).status_code
