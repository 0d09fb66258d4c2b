"""The pages of an expert about themselves: who gets there, and how much each asks the database."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experts.models import Expert
from tests.factories import make_booking, make_expert, make_inquiry, make_service, make_user
from tests.pages import signed_in

pytestmark = pytest.mark.django_db

READ = ["bookings:dashboard", "experts:edit", "experts:preview", "experts:photos", "experts:services"]
READ += ["experts:service_create", "experts:pause"]
POSTED = ["experts:portrait_remove", "experts:resume", "experts:edit", "experts:pause", "experts:photos"]
POSTED += ["experts:service_create"]
OF_A_ROW = ["experts:service_edit", "experts:service_offer", "experts:photo_edit", "experts:photo_move"]
OF_A_ROW += ["experts:photo_remove"]


@pytest.fixture
def expert():
    expert = make_expert(name="Mei Tanaka", specialties={"street-food": 3}, languages={"ja": 7, "en": 5})
    add_rows(expert)
    return expert


def add_rows(expert):
    make_service(expert)
    expert.photos.create(
        token=f"t{expert.photos.count()}-{expert.pk}",
        digest=str(expert.photos.count()),
        caption="A walk",
        position=expert.photos.count(),
        width=4,
        height=3,
    )
    for state in ("completed", "confirmed", "requested"):
        make_booking(expert, state=state)
    make_inquiry(expert, make_user())


@pytest.mark.parametrize("name", READ)
def test_the_expert_reads_them_in_few_queries_however_many_rows(expert, name):
    client, counts = signed_in(expert.user), []
    for _ in range(2):
        client.get(reverse(name))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(queries))
        for _ in range(3):
            add_rows(expert)
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize("name", ["edit", "photos", "services", "service_create"])
def test_who_waits_for_the_reviewers_reads_before_typing_that_nothing_is_saved(expert, name):
    page = reverse(f"experts:{name}")
    said = "Our reviewers are reading your application."
    assert said not in signed_in(expert.user).get(page).content.decode()
    Expert.objects.update(status="submitted")
    assert said in signed_in(expert.user).get(page).content.decode()


@pytest.mark.parametrize("name", READ + POSTED)
def test_a_traveler_is_told_whom_the_page_is_for(name):
    for method in ("get", "post"):
        response = getattr(signed_in(make_user()), method)(reverse(name))
        assert response.status_code in {404, 405}
    assert not Expert.objects.exists()


@pytest.mark.parametrize("name", READ)
def test_a_visitor_signs_in_first(client, name):
    assert client.get(reverse(name)).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", OF_A_ROW)
def test_another_experts_rows_are_not_there(expert, name):
    row = expert.photos.get() if "photo" in name else expert.services.get()
    other = signed_in(make_expert().user)
    answers = {"offered": "0", "title": "Mine now"}
    assert other.post(reverse(name, args=[row.pk]), answers).status_code == 404
    row.refresh_from_db()
    assert (expert.photos.count(), expert.services.get().is_active) == (1, True)


@pytest.mark.parametrize("name", ["experts:portrait_remove", "experts:resume"])
def test_what_changes_something_is_not_done_by_a_link(expert, name):
    assert signed_in(expert.user).get(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", POSTED)
def test_a_form_of_another_site_is_refused(expert, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(expert.user)
    assert client.post(reverse(name), {}).status_code == 403


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_who_still_applies_goes_on_with_that(status):
    client = signed_in(make_expert(status=status).user)
    assert client.get(reverse("bookings:dashboard")).headers["Location"] == reverse("experts:apply")
