"""Staff's tables of experts and services: a dry run first, what is wrong by row, and all rows or none."""

import pytest
import tablib  # type: ignore[import-untyped]
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import audit
from accounts.models import User
from experts.models import Evidence, Expert, Service
from tests.admin.conftest import *  # noqa: F403  # fixtures
from tests.factories import make_expert, make_market, make_service, make_user

pytestmark = pytest.mark.django_db

EXPERT = {
    "email": "Mei@Example.com",
    "name": "Mei Tanaka",
    "city": "Kyoto",
    "headline": "Quiet lanes",
    "bio": "I take guests to the small workshops of the old town. " * 3,
    "price_min": "80",
    "price_max": "120",
    "currency": "usd",
    "languages": "ja: native; en: C1",
    "specialties": "street-food: 12; day-hikes",
}
SERVICE = {
    "expert": "mei@example.com",
    "title": "Market at dawn",
    "description": "Before it opens.",
    "kind": "Tour",
    "duration_hours": "3",
    "price": "90",
    "currency": "USD",
    "includes": "Tea; A snack",
    "instant": "yes",
    "notice_hours": "",
}
FORMATS = {"csv": "0", "xlsx": "1"}


@pytest.fixture
def kyoto():
    return make_market("Kyoto")


def table(rows, kind="csv"):
    data = tablib.Dataset(*[list(row.values()) for row in rows], headers=list(rows[0]))
    return data.export(kind) if kind == "xlsx" else data.export(kind).encode()


def dry_run(client, rows, model="expert", kind="csv", data=None):
    sent = SimpleUploadedFile(f"rows.{kind}", table(rows, kind) if data is None else data)
    answers = {"import_file": sent, "format": FORMATS[kind], "resource": "0"}
    return client.post(reverse(f"admin:experts_{model}_import"), answers)


def confirm(client, page, model="expert"):
    form = page.context["confirm_form"]
    return client.post(reverse(f"admin:experts_{model}_process_import"), form.initial)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_dry_run_stores_nothing_and_the_act_all_rows(operator, kyoto, kind):
    page = dry_run(operator, [EXPERT, EXPERT | {"email": "ken@example.com", "name": "Ken"}], kind=kind)
    assert not page.context["result"].has_validation_errors(), page.context["result"].invalid_rows[0].error
    assert (Expert.objects.count(), User.objects.filter(email="mei@example.com").count()) == (0, 0)
    confirm(operator, page)
    expert = Expert.objects.get(user__email="mei@example.com")
    assert (expert.status, expert.market, expert.currency, expert.name) == (
        "submitted",
        kyoto,
        "USD",
        "Mei Tanaka",
    )
    assert dict(expert.languages.values_list("language", "level")) == {"ja": 7, "en": 5}
    depths = dict(expert.specialties.values_list("specialty__slug", "depth"))
    assert depths == {"street-food": 12, "day-hikes": 1}
    assert not expert.user.has_usable_password()
    assert [(event.action, event.actor) for event in audit.history(expert)] == [
        ("expert.import", operator.user)
    ]
    assert Evidence.objects.filter(expert=expert, text__contains="Quiet lanes").exists()
    assert Expert.objects.count() == 2


def test_the_same_file_sent_again_changes_nothing(operator, kyoto):
    confirm(operator, dry_run(operator, [EXPERT]))
    Expert.objects.update(headline="Changed by hand")
    page = dry_run(operator, [EXPERT | {"headline": "From the file"}])
    assert page.context["result"].totals["skip"] == 1
    confirm(operator, page)
    assert Expert.objects.get().headline == "Changed by hand"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nobody"}, "This is no e-mail address."),
        ({"city": "Nowhere"}, "We know no city called “Nowhere”."),
        ({"currency": "XXX"}, "There is no exchange rate for the currency XXX."),
        ({"price_min": "cheap"}, "“cheap” is no number."),
        ({"price_max": "79"}, "The highest price is not below the lowest"),
        ({"group_size_max": "4.5"}, "“4.5” is no whole number."),
        ({"email": "mei@example.com"}, "This stands in the file twice."),
        ({"email": "staff@example.com", "name": "Sam"}, "This address belongs to staff."),
        ({"email": "rosa@example.com"}, "Somebody of another name has an account with this address."),
        ({"bio": "Short."}, "Write at least 120 letters."),
        ({"languages": "Japanese"}, "is no language with its level"),
        ({"specialties": "juggling: 3"}, "We know no specialty “juggling”."),
        ({"specialties": "street-food: many"}, "“many” is no number of trips."),
        ({"name": " "}, "The name is missing."),
    ],
)
def test_what_is_wrong_is_said_by_row_and_nothing_is_stored(operator, kyoto, wrong, said):
    make_user("Sam", email="staff@example.com", is_staff=True)
    make_user("Rosa", email="rosa@example.com")
    first, second = (EXPERT | {"group_size_max": "4"} for _ in range(2))
    page = dry_run(operator, [first, second | {"email": "ken@example.com"} | wrong])
    (row,) = page.context["result"].invalid_rows
    assert (row.number, "confirm_form" in page.context) == (2, False)
    assert said in str(row.error)
    assert not Expert.objects.exists()


def test_services_come_to_their_expert_and_defaults_fill_what_is_left_out(operator, kyoto):
    expert = make_expert(kyoto, user=None, name="Mei")
    User.objects.filter(expert=expert).update(email="mei@example.com")
    confirm(operator, dry_run(operator, [SERVICE], "service"), "service")
    service = Service.objects.get()
    assert (service.expert, service.kind, service.includes) == (expert, "tour", ["Tea", "A snack"])
    assert (service.instant, service.notice_hours, service.group_size_max) == (True, 24, 6)
    assert Evidence.objects.filter(expert=expert, text__contains="Market at dawn").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"expert": "eve@example.com"}, "There is no expert with the address"),
        ({"kind": "party"}, "is none of tour, planning"),
        ({"instant": "maybe"}, "is neither yes nor no"),
        ({"price": "0"}, "A service lasts so many hours or so many days"),
        ({"duration_hours": ""}, "A service lasts so many hours or so many days"),
    ],
)
def test_a_wrong_service_is_said_by_row(operator, kyoto, wrong, said):
    User.objects.filter(expert=make_expert(kyoto)).update(email="mei@example.com")
    page = dry_run(operator, [SERVICE | wrong], "service")
    (row,) = page.context["result"].invalid_rows
    assert said in str(row.error)
    assert not Service.objects.exists()


def test_a_file_without_its_columns_says_which_are_missing(operator):
    page = dry_run(operator, [{"email": "mei@example.com"}]).content.decode()
    assert "Columns are missing: name, city" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (";".join(EXPERT).encode(), "The columns are parted by semicolons."),
        ("name\nKöln".encode("latin-1"), "This is no text in UTF-8."),
        (table([EXPERT] * 2001), "A file has at most 2000 rows"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_said_plainly_before_any_row_is_read(operator, data, said):
    page = dry_run(operator, [], data=data)
    read = page.content.decode()
    assert said in read
    assert "Traceback" not in read
    assert "result" not in page.context


def test_the_page_names_the_columns(operator):
    read = operator.get(reverse("admin:experts_expert_import")).content.decode()
    assert "email, name, city, headline, bio, price_min, price_max, currency, languages, specialties" in read


def test_rows_that_went_wrong_since_the_dry_run_are_not_half_stored(operator, kyoto):
    rows = [SERVICE, SERVICE | {"expert": "ken@example.com"}]
    for row in rows:
        User.objects.filter(expert=make_expert(kyoto)).update(email=row["expert"])
    page = dry_run(operator, rows, "service")
    Expert.objects.filter(user__email="ken@example.com").delete()
    answer = confirm(operator, page, "service")
    assert answer.headers["Location"] == reverse("admin:experts_service_import")
    assert not Service.objects.exists()


def test_a_file_that_is_not_kept_any_more_is_asked_for_again(operator):
    answers = {"import_file_name": "../etc/passwd", "original_file_name": "x", "format": "0", "resource": "0"}
    answer = operator.post(reverse("admin:experts_expert_process_import"), answers)
    assert answer.headers["Location"] == reverse("admin:experts_expert_import")


@pytest.mark.parametrize("data", [b"PK\x03\x04 nonsense", b"", b"\0" * 100])
def test_what_is_no_table_is_refused(operator, data):
    page = dry_run(operator, [], kind="xlsx", data=data or b" ")
    assert page.status_code == 200
    assert "confirm_form" not in page.context


def test_who_may_only_look_imports_nothing(analyst, reviewer, kyoto):
    make_service(make_expert(kyoto))
    for client in (analyst, reviewer):
        assert dry_run(client, [EXPERT]).status_code == 403
        assert client.post(reverse("admin:experts_expert_process_import")).status_code == 403
        shown = client.get(reverse("admin:experts_service_changelist")).content.decode()
        assert reverse("admin:experts_service_import") not in shown


def test_the_way_to_the_import_stands_on_the_list(operator):
    shown = operator.get(reverse("admin:experts_expert_changelist")).content.decode()
    assert reverse("admin:experts_expert_import") in shown
    assert operator.get(reverse("admin:experts_expert_import")).status_code == 200
