"""Staff have data exported and accounts erased: with the permission, asked once more, and noted."""

import pytest
from django.urls import reverse

from accounts import audit
from accounts.models import Archive, User
from bookings.models import Booking
from tests.factories import make_booking, make_expert, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa():
    return make_user("Rosa Traveler", email="rosa@example.com")


def button(user, name):
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def test_an_operator_has_an_archive_made_for_its_owner(operator, rosa):
    assert "rosa@example.com" in operator.get(button(rosa, "export_data")).content.decode()
    assert not Archive.objects.exists()
    operator.post(button(rosa, "export_data"))
    archive = Archive.objects.get()
    assert (archive.user, archive.asked_by) == (rosa, operator.user)
    assert operator.get(reverse("account_data_archive", args=[archive.pk])).status_code == 404


def test_an_operator_erases_after_one_more_question(operator, rosa):
    assert "for good" in operator.get(button(rosa, "erase_account")).content.decode()
    assert User.objects.get(pk=rosa.pk).email == "rosa@example.com"
    operator.post(button(rosa, "erase_account"))
    assert not User.objects.filter(email="rosa@example.com").exists()
    event = audit.history(rosa).get()
    assert (event.action, event.actor) == ("personal.erase", operator.user)


def test_what_blocks_is_said(operator):
    booking = make_booking(make_expert(), state=Booking.State.CONFIRMED)
    answer = operator.post(button(booking.traveler, "erase_account"), follow=True)
    assert "1 open booking" in answer.content.decode()
    assert User.objects.get(pk=booking.traveler_id).is_active


@pytest.mark.parametrize("name", ["export_data", "erase_account"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_reviewer_and_an_analyst_do_neither(reviewer, analyst, rosa, name, method):
    for client in (reviewer, analyst):
        assert getattr(client, method)(button(rosa, name)).status_code == 403
    assert User.objects.get(pk=rosa.pk).is_active


def test_an_erased_account_has_no_buttons(operator, rosa):
    page = reverse("admin:accounts_user_change", args=[rosa.pk])
    assert button(rosa, "erase_account") in operator.get(page).content.decode()
    operator.post(button(rosa, "erase_account"))
    assert button(rosa, "erase_account") not in operator.get(page).content.decode()
