"""Staff's tables of experts and services: a dry run first, what is wrong by row, and all rows or none."""

from decimal import Decimal
from io import BytesIO
from itertools import product

import openpyxl  # type: ignore[import-untyped]
import pytest
import tablib  # type: ignore[import-untyped]
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import audit
from accounts.models import User
from experts import editing, import_columns
from experts.importing import MOST_ROWS, ExpertResource, ServiceResource
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
        ({"languages": "en: C1; qq: A1"}, "“qq: a1” is no language with its level"),
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
        ({"price": "0"}, "Name a price above zero."),
        ({"price": "0.4", "currency": "JPY"}, "Name a price above zero."),
        ({"group_size_max": "0"}, "At least one person can come."),
        ({"duration_hours": ""}, "Give the duration in hours or in days: one of the two."),
        ({"duration_hours": "25"}, "Between 0.1 and 24 hours. For more, give days."),
        ({"duration_hours": "", "duration_days": "61"}, "Between 1 and 60 days."),
    ],
)
def test_a_wrong_service_is_said_by_row(operator, kyoto, wrong, said):
    User.objects.filter(expert=make_expert(kyoto)).update(email="mei@example.com")
    page = dry_run(operator, [SERVICE | wrong], "service")
    (row,) = page.context["result"].invalid_rows
    assert said in str(row.error)
    assert set(row.field_specific_errors) <= {"duration_days", *wrong}
    assert not Service.objects.exists()


def test_a_file_without_its_columns_says_which_are_missing(operator):
    page = dry_run(operator, [{"email": "mei@example.com"}]).content.decode()
    assert "Columns are missing: name, city" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (";".join(EXPERT).encode(), "The columns are parted by semicolons."),
        ("name\nKöln".encode("latin-1"), "This is no text in UTF-8."),
        (table([EXPERT | {"price_mim": "80"}]), "Nobody knows these columns: price_mim."),
        (",".join([*EXPERT, "Name"]).encode(), "Columns are there twice: name."),
        (table([EXPERT] * (MOST_ROWS + 1)), "A file has at most 500 rows"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_said_plainly_before_any_row_is_read(operator, data, said):
    page = dry_run(operator, [], data=data)
    read = page.content.decode()
    assert said in read
    assert "Traceback" not in read
    assert "result" not in page.context


def words(page):
    return " ".join(page.content.decode().split())


TABLES = pytest.mark.parametrize(
    ("model", "resource"), [("expert", ExpertResource), ("service", ServiceResource)]
)


@TABLES
def test_the_page_names_every_column_once_and_whether_it_has_to_be_there(operator, model, resource):
    page = words(operator.get(reverse(f"admin:experts_{model}_import")))
    for field in resource().get_import_fields():
        said = "<td>required" if field.column_name in resource.needed else "<td><span"
        assert page.count(f'<th scope="row"><code>{field.column_name}</code></th> {said}') == 1
    assert "This importer will import" not in page


def test_the_page_says_what_the_columns_may_hold(operator):
    experts, services = (
        words(operator.get(reverse(f"admin:experts_{name}_import"))) for name in ("expert", "service")
    )
    assert "ja: native; en: C1" in experts
    assert "jewish-heritage" in experts
    assert "At least 120 letters." in experts
    assert "At most 500 rows." in experts
    assert "One of: tour, planning, experience, transfer, consultation." in services
    assert "Text of at most 140 letters." in services


def test_the_examples_of_the_page_are_taken(operator, kyoto):
    expert = {one.name: one.example for one in import_columns.of(ExpertResource)}
    confirm(operator, dry_run(operator, [expert | {"bio": EXPERT["bio"]}]))
    service = {one.name: one.example for one in import_columns.of(ServiceResource)}
    service |= {"description": "Before it opens.", "duration_days": ""}
    confirm(operator, dry_run(operator, [service], "service"), "service")
    assert (Expert.objects.get().name, Service.objects.get().title) == ("Mei Tanaka", "Market at dawn")


@TABLES
def test_the_preview_shows_every_column_that_the_table_sets(operator, kyoto, model, resource):
    row = {one.name: one.example or f"What stands in {one.name}. " * 9 for one in import_columns.of(resource)}
    if model == "service":
        User.objects.filter(expert=make_expert(kyoto)).update(email="mei@example.com")
        row["duration_days"] = ""
    page = dry_run(operator, [row], model)
    (found,) = page.context["result"].valid_rows()
    shown = dict(zip(page.context["result"].diff_headers, found.diff, strict=True))
    assert shown.keys() == row.keys()
    assert [name for name, cell in row.items() if bool(cell) != bool(shown[name])] == []
    if model == "expert":
        assert (shown["languages"], shown["specialties"]) == (
            "ja: native; en: C1",
            "street-food: 12; day-hikes: 1",
        )
        assert "ja: native; en: C1" in page.content.decode()


def test_the_preview_shows_of_who_is_there_already_what_stays(operator, kyoto):
    confirm(operator, dry_run(operator, [EXPERT]))
    page = dry_run(operator, [EXPERT | {"languages": "de: A1", "headline": "From the file"}])
    (row,) = page.context["result"].valid_rows()
    assert {"Quiet lanes", "ja: native; en: C1"} <= set(row.diff)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", " =", "＝"])
@pytest.mark.parametrize("column", ["headline", "bio", "name", "unique_value"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(operator, kyoto, sign, column):
    row = EXPERT | {"unique_value": "", column: f"{sign}cmd|' /C calc'!A0 {EXPERT['bio']}"}
    (wrong,) = dry_run(operator, [row]).context["result"].invalid_rows
    assert wrong.field_specific_errors == {
        column: [f"This begins with “{sign.strip()}”, as formulas do. Begin with a letter or a digit."]
    }


def test_an_address_that_a_spreadsheet_would_run_is_refused(operator, kyoto):
    (wrong,) = dry_run(operator, [EXPERT | {"email": "=cmd@example.com"}]).context["result"].invalid_rows
    assert list(wrong.field_specific_errors) == ["email"]


@pytest.mark.parametrize("column", sorted(ExpertResource.published))
def test_contact_details_are_refused_in_what_everybody_reads_of_experts(operator, kyoto, column):
    row = EXPERT | {column: f"Write to mei.tanaka@example.org. {EXPERT['bio']}"[:140]}
    (wrong,) = dry_run(operator, [row]).context["result"].invalid_rows
    assert list(wrong.field_specific_errors) == [column]
    assert "leave out “mei.tanaka@example.org”" in wrong.field_specific_errors[column][0]


@pytest.mark.parametrize("column", sorted(ServiceResource.published))
def test_contact_details_are_refused_in_what_everybody_reads_of_services(operator, kyoto, column):
    User.objects.filter(expert=make_expert(kyoto)).update(email="mei@example.com")
    row = SERVICE | {column: "Tea; at home; call me: +81 90 1234 5678"}
    (wrong,) = dry_run(operator, [row], "service").context["result"].invalid_rows
    assert list(wrong.field_specific_errors) == [column]


def test_numbers_with_a_sign_are_judged_as_numbers(operator, kyoto):
    page = dry_run(operator, [EXPERT | {"price_min": "+80", "years_experience": "+8"}])
    assert "confirm_form" in page.context
    (wrong,) = dry_run(operator, [EXPERT | {"price_min": "-5"}]).context["result"].invalid_rows
    assert wrong.field_specific_errors == {"price_min": ["Name a price above zero."]}


@pytest.mark.parametrize("text", ["#NAME?", "#REF!", "a\0b"])
def test_what_is_no_text_is_refused(operator, kyoto, text):
    (wrong,) = dry_run(operator, [EXPERT | {"headline": text}]).context["result"].invalid_rows
    assert list(wrong.field_specific_errors) == ["headline"]


def test_of_a_formula_in_xlsx_only_what_it_shows_is_read(operator, kyoto):
    book = openpyxl.Workbook()
    for row in (EXPERT.keys(), (EXPERT | {"headline": '=CONCATENATE("a";"b")'}).values()):
        book.active.append(list(row))
    book.save(file := BytesIO())  # nobody has computed it: it shows nothing
    page = dry_run(operator, [], kind="xlsx", data=file.getvalue())
    (wrong,) = page.context["result"].invalid_rows
    assert wrong.field_specific_errors == {"headline": ["This field cannot be blank."]}


def test_the_empty_cell_of_an_optional_column_is_what_was_left_out(operator, kyoto):
    confirm(operator, dry_run(operator, [EXPERT | {"group_size_max": "", "communication_style": ""}]))
    assert (Expert.objects.get().group_size_max, Expert.objects.get().communication_style) == (6, "friendly")


def test_of_an_unknown_city_the_column_and_the_cities_that_exist_are_said(operator, kyoto):
    make_market("Porto", country_code="PT", population=9)
    page = dry_run(operator, [EXPERT | {"city": "Kyotto"}, EXPERT | {"email": "k@e.com", "city": "Nowhere"}])
    alike, other = (row.field_specific_errors for row in page.context["result"].invalid_rows)
    assert alike == {"city": ["We know no city called “Kyotto”. Do you mean one of these? Kyoto, Japan"]}
    assert other == {"city": ["We know no city called “Nowhere”. Open cities: Kyoto, Porto"]}


def test_of_many_cities_the_biggest_are_named(operator, kyoto):
    for number in range(12):
        make_market(f"Placeton {number:02}", population=1000 - number)
    (row,) = dry_run(operator, [EXPERT | {"city": "Xyz"}]).context["result"].invalid_rows
    assert row.field_specific_errors["city"][0].endswith("Placeton 05, Placeton 06, …")


def test_of_a_city_that_could_be_several_they_are_named(operator, kyoto):
    for region in ("Ohio", "Texas"):
        make_market("Springfield", country_code="US", region=region)
    (row,) = dry_run(operator, [EXPERT | {"city": "Springfield"}]).context["result"].invalid_rows
    assert row.field_specific_errors["city"] == [
        "“Springfield” could be several places. Write one of them in full: "
        "Springfield, Ohio, United States; Springfield, Texas, United States."
    ]


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": True}, {"is_superuser": True}])
def test_nobody_becomes_an_expert_by_somebody_elses_row(operator, kyoto, fields):
    make_user("Mei Tanaka", email="mei@example.com", **fields)
    (row,) = dry_run(operator, [EXPERT]).context["result"].invalid_rows
    assert list(row.field_specific_errors) == ["email"]


def test_an_account_of_that_name_becomes_the_experts(operator, kyoto):
    user = make_user("mei TANAKA", email="mei@example.com")
    confirm(operator, dry_run(operator, [EXPERT]))
    assert Expert.objects.get().user == user


def people(count):
    return [EXPERT | {"email": f"mei{number}@example.com"} for number in range(count)]


def test_people_of_one_name_get_pages_of_their_own(operator, kyoto):
    confirm(operator, dry_run(operator, people(3)))
    assert "mei-tanaka" in {slug for (slug,) in Expert.objects.values_list("slug")}
    assert Expert.objects.count() == 3


def counted(act, *given):
    with CaptureQueriesContext(connection) as queries:
        answer = act(*given)
    return answer, len(queries)


def test_thirty_more_experts_take_not_one_query_more(operator, kyoto):
    cities = [make_market(f"Placeton {number}").name for number in range(40)]
    confirm(operator, dry_run(operator, [EXPERT]))  # and what a process reads once
    counts = []
    for size in (10, 40):
        rows = [row | {"city": city} for row, city in zip(people(size), cities, strict=False)]
        page, dry = counted(dry_run, operator, rows)
        _, acted = counted(confirm, operator, page)
        _, again = counted(dry_run, operator, rows)
        counts.append((dry, acted, again))
        User.objects.filter(email__startswith="mei").delete()
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 50


def test_thirty_more_services_take_not_one_query_more(operator, kyoto):
    confirm(operator, dry_run(operator, people(40)))
    first = [SERVICE | {"expert": "mei0@example.com"}]  # and what a process reads once
    confirm(operator, dry_run(operator, first, "service"), "service")
    counts = []
    for size in (10, 40):
        rows = [SERVICE | {"expert": row["email"], "title": f"Walk {size}"} for row in people(size)]
        page, dry = counted(dry_run, operator, rows, "service")
        _, acted = counted(confirm, operator, page, "service")
        counts.append((dry, acted))
    assert counts[0] == counts[1]
    assert Service.objects.count() == 51


def test_thirty_more_unknown_cities_take_not_one_query_more(operator, kyoto):
    dry_run(operator, [EXPERT])  # what a process reads once
    counts = []
    for size in (10, 40):
        rows = [row | {"city": f"Nowhere {number}"} for number, row in enumerate(people(size))]
        counts.append(counted(dry_run, operator, rows)[1])
    assert counts[0] == counts[1]


def test_no_password_is_hashed_for_an_account_without_one(operator, kyoto, monkeypatch):
    monkeypatch.delattr(MD5PasswordHasher, "encode")
    confirm(operator, dry_run(operator, people(2)))
    assert Expert.objects.count() == 2
    assert len({password for (password,) in User.objects.filter(expert__gt=0).values_list("password")}) == 2


def refused(constraint, instance):
    try:
        constraint.validate(type(instance), instance)
    except ValidationError:
        return True
    return False


def test_the_words_for_experts_refuse_what_the_database_would(kyoto):
    constraints = [one for one in Expert._meta.constraints if one.name.startswith("expert_price")]
    for low, high in product(map(Decimal, ("-1", "0", "0.01", "5")), repeat=2):
        expert = Expert(price_min=low, price_max=high, status="submitted")
        wrong = [one.name for one in constraints if refused(one, expert)]
        assert bool(list(ExpertResource().problems(expert))) == bool(wrong)


def test_the_words_for_services_refuse_what_the_database_would():
    (constraint,) = Service._meta.constraints
    lengths = product([None, Decimal(0), Decimal("0.1"), Decimal(24), Decimal("24.1")], [None, 0, 1, 60, 61])
    for (hours, days), price, size in product(lengths, [Decimal(-1), Decimal(0), Decimal("0.01")], [0, 1]):
        service = Service(duration_hours=hours, duration_days=days, price=price, group_size_max=size)
        assert bool(list(ServiceResource().problems(service))) == refused(constraint, service)


def test_what_the_database_refuses_after_all_is_said_plainly_and_nothing_is_stored(
    operator, kyoto, monkeypatch
):
    taken, page = make_expert(kyoto).slug, dry_run(operator, [EXPERT])
    monkeypatch.setattr(editing, "free_slugs", lambda people: [taken] * len(people))
    read = dry_run(operator, [EXPERT]).content.decode()
    assert "Something has changed meanwhile. Send the file again." in read
    assert "Traceback" not in read
    assert confirm(operator, page).headers["Location"] == reverse("admin:experts_expert_import")
    assert not User.objects.filter(email="mei@example.com").exists()


def test_errors_stand_beside_their_cells_and_rows_are_counted_as_spreadsheets_do(operator, kyoto):
    page = words(dry_run(operator, [{"bio": "", **EXPERT} | {"price_min": "cheap"}]))
    assert '<th scope="rowgroup" rowspan="1">Row 2</th> <td><code>price_min</code></td>' in page
    assert "<p>“cheap” is no number.</p></td> <td>cheap</td>" in page


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
