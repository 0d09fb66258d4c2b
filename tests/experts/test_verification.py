"""What was checked about an expert, by whom, and that the one flag says the same as the rows."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import audit
from accounts.errors import DomainError
from accounts.models import Notice
from accounts.notices.kinds import words_of
from experts import verification
from experts.models import Verification
from tests.admin.conftest import *  # noqa: F403  # fixtures
from tests.factories import make_expert, make_user

pytestmark = pytest.mark.django_db

KINDS = list(Verification.Kind.values)


@pytest.fixture
def staff():
    return make_user("Rita", is_staff=True, is_superuser=True)


@pytest.fixture
def expert():
    return make_expert()


def flag(expert):
    expert.refresh_from_db()
    return expert.verified


def test_the_page_says_what_was_checked_and_not_how(client, expert, staff):
    verification.mark(expert=expert, kind="licence", by=staff, note="Card 4711 seen on a call.")
    page = client.get(expert.get_absolute_url()).content.decode()
    assert "Guide licence" in page
    assert "4711" not in page
    assert (flag(expert), "#checked" in page) == (False, False)
    verification.mark(expert=expert, kind="identity", by=staff, note="Passport seen.")
    assert flag(expert) is True
    assert 'href="#checked"' in client.get(expert.get_absolute_url()).content.decode()


@settings(max_examples=25)
@given(steps=st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), max_size=8))
def test_the_flag_is_whether_an_identity_stands(steps):
    expert, staff = make_expert(), make_user(is_staff=True, is_superuser=True)
    standing = {}
    for kind, add in steps:
        if add and kind not in standing:
            standing[kind] = verification.mark(expert=expert, kind=kind, by=staff, note="Seen.")
        elif not add and kind in standing:
            verification.withdraw(verification=standing.pop(kind), by=staff, reason="Expired.")
        assert flag(expert) is ("identity" in standing)


def test_who_checked_is_noted_and_a_withdrawn_mark_stays_in_the_rows(expert, staff):
    mark = verification.mark(expert=expert, kind="identity", by=staff, note="Passport seen.")
    verification.withdraw(verification=mark, by=staff, reason="It was expired.")
    mark.refresh_from_db()
    assert (mark.checked_by, mark.withdrawn_by, flag(expert)) == (staff, staff, False)
    assert [event.action for event in audit.history(expert)] == ["expert.unverify", "expert.verify"]
    verification.mark(expert=expert, kind="identity", by=staff, note="New passport seen.")
    assert flag(expert) is True


def test_a_mark_is_made_and_withdrawn_once_and_with_words(expert, staff):
    mark = verification.mark(expert=expert, kind="phone", by=staff, note="Called.")
    for act in (
        lambda: verification.mark(expert=expert, kind="phone", by=staff, note="Called."),
        lambda: verification.mark(expert=expert, kind="address", by=staff, note=" "),
        lambda: verification.withdraw(verification=mark, by=staff, reason=""),
    ):
        with pytest.raises(DomainError):
            act()
    verification.withdraw(verification=mark, by=staff, reason="Wrong number.")
    with pytest.raises(DomainError):
        verification.withdraw(verification=mark, by=staff, reason="Wrong number.")


def test_nobody_verifies_without_the_right_or_themselves(expert):
    own = make_expert(user=make_user(is_staff=True, is_superuser=True))
    for whom, by in ((expert, make_user()), (expert, expert.user), (own, own.user)):
        with pytest.raises(PermissionDenied):
            verification.mark(expert=whom, kind="identity", by=by, note="Trust me.")
    assert not Verification.objects.exists()


def test_a_reviewer_notes_and_withdraws_in_the_admin(expert, reviewer, analyst):
    page = reverse("admin:experts_expert_verify", args=[expert.pk])
    reviewer.post(page, {"kind": "identity", "note": "Passport seen."})
    assert flag(expert) is True
    shown = reviewer.get(page).content.decode()
    assert "Passport seen." in shown
    mark = expert.verifications.get()
    assert analyst.post(page, {"withdraw": mark.pk, "reason": "No."}).status_code == 403
    reviewer.post(page, {"withdraw": mark.pk, "reason": ""})
    assert flag(expert) is True
    reviewer.post(page, {"withdraw": mark.pk, "reason": "Expired."})
    assert flag(expert) is False


def test_another_experts_mark_is_not_withdrawn_from_here(expert, reviewer, staff):
    mark = verification.mark(expert=make_expert(), kind="identity", by=staff, note="Seen.")
    page = reverse("admin:experts_expert_verify", args=[expert.pk])
    assert reviewer.post(page, {"withdraw": mark.pk, "reason": "No."}).status_code == 404
    assert Verification.objects.standing().count() == 1


def test_the_expert_is_told_what_is_marked_and_why_a_mark_goes_and_not_how_it_was_checked(expert, staff):
    mark = verification.mark(expert=expert, kind="licence", by=staff, note="Card 4711 seen on a call.")
    verification.withdraw(verification=mark, by=staff, reason="It has run out.")
    gone, made = (words_of(notice) for notice in Notice.objects.filter(user=expert.user))
    assert made.title == "Checked by our team: guide licence"
    assert (gone.title, gone.quote) == ("Not marked as checked any more: guide licence", "It has run out.")
    assert not Notice.objects.filter(facts__icontains="4711").exists()
