import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.signals import authenticator_added
from allauth.mfa.totp.internal import auth as totp
from django.test import RequestFactory
from django.urls import reverse

from accounts import second_factor, services
from accounts.models import User
from tests.factories import make_expert, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def production(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def staff():
    return make_user(is_staff=True, is_superuser=True)


def with_factor(user):
    totp.TOTP.activate(user, SECRET)
    return user


def sign_in(client, user):
    return client.post(
        reverse("account_login") + "?next=/admin/", {"login": user.email, "password": PASSWORD}
    )


def admin_leads_to(client, path="/admin/"):
    response = client.get(path)
    return response.headers.get("Location", response.status_code)


def test_staff_without_a_factor_set_one_up_first(client, staff):
    sign_in(client, staff)
    assert admin_leads_to(client, "/admin/experts/expert/") == reverse("mfa_activate_totp")


def test_an_address_is_confirmed_before_the_set_up(client, staff):
    EmailAddress.objects.create(user=staff, email=staff.email, primary=True, verified=False)
    sign_in(client, staff)
    assert admin_leads_to(client) == reverse("account_email")


@pytest.mark.django_db(transaction=True)
def test_setting_one_up_opens_the_admin(client, staff, code):
    sign_in(client, staff)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == ["recovery_codes", "totp"]
    assert admin_leads_to(client) == 200


def test_signing_in_with_the_factor_opens_the_admin(client, staff, code):
    with_factor(staff)
    assert sign_in(client, staff).headers["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.post(reverse("mfa_authenticate"), {"code": code(SECRET)}).headers["Location"] == "/admin/"
    assert admin_leads_to(client) == 200


def test_a_wrong_code_signs_nobody_in(client, staff):
    with_factor(staff)
    sign_in(client, staff)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "_auth_user_id" not in client.session


def test_a_recovery_code_opens_the_admin_once(client, staff):
    with_factor(staff)
    one = RecoveryCodes.activate(staff).get_unused_codes()[0]
    sign_in(client, staff)
    client.post(reverse("mfa_authenticate"), {"code": one})
    assert admin_leads_to(client) == 200
    again = client.__class__()
    sign_in(again, staff)
    again.post(reverse("mfa_authenticate"), {"code": one})
    assert "_auth_user_id" not in again.session


def test_a_session_from_before_the_factor_is_asked_for_it(client, staff, code):
    sign_in(client, staff)
    with_factor(staff)
    asked = reverse("mfa_reauthenticate") + "?next=%2Fadmin%2Fexperts%2Fexpert%2F%3Fq%3Dmei"
    assert admin_leads_to(client, "/admin/experts/expert/?q=mei") == asked
    assert client.post(asked, {"code": code(SECRET)}).headers["Location"] == "/admin/experts/expert/?q=mei"
    assert admin_leads_to(client) == 200


def test_a_factor_shown_by_one_account_does_not_serve_another(client, staff):
    client.force_login(with_factor(make_user(is_staff=True)))
    session = client.session
    session["second_factor_shown_by"] = staff.pk
    session.save()
    assert admin_leads_to(client).startswith(reverse("mfa_reauthenticate"))


def test_a_code_signs_in_once(client, staff, code):
    """Whoever looked over a shoulder has the same thirty seconds."""
    with_factor(staff)
    one = code(SECRET)
    sign_in(client, staff)
    client.post(reverse("mfa_authenticate"), {"code": one})
    again = client.__class__()
    sign_in(again, staff)
    again.post(reverse("mfa_authenticate"), {"code": one})
    assert ("_auth_user_id" in client.session, "_auth_user_id" in again.session) == (True, False)


@pytest.mark.parametrize("path", ["approve/", "change/", "history/"])
def test_no_act_of_the_admin_goes_around_it(client, staff, path):
    expert = make_expert(status="submitted")
    client.force_login(staff)
    response = client.post(f"/admin/experts/expert/{expert.pk}/{path}", {"action": "approve_selected"})
    expert.refresh_from_db()
    assert (response.status_code, expert.status) == (302, "submitted")


@pytest.mark.parametrize("path", ["/admin", "/ADMIN/", "/admin/../admin/", "/admin/jsi18n/", "/admin/logout"])
def test_no_other_spelling_of_the_address_opens_it(client, staff, path):
    client.force_login(staff)
    assert client.get(path).status_code in {301, 302, 404}


def test_a_factor_that_was_taken_away_closes_the_admin_at_once(client, staff, code):
    with_factor(staff)
    sign_in(client, staff)
    client.post(reverse("mfa_authenticate"), {"code": code(SECRET)})
    services.remove_second_factor(user=staff, by=staff)
    assert admin_leads_to(client) == reverse("mfa_activate_totp")


def test_whoever_becomes_staff_while_signed_in_is_asked_at_the_door(client):
    user = make_user()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert admin_leads_to(client) == reverse("mfa_activate_totp")


def test_new_recovery_codes_are_no_factor_shown(client, staff):
    client.force_login(with_factor(staff))
    authenticator = RecoveryCodes.activate(staff).instance
    request = RequestFactory().get("/")
    request.session, request.user = client.session, staff
    authenticator_added.send(Authenticator, request=request, user=staff, authenticator=authenticator)
    assert not second_factor.was_shown(request)


def test_whoever_is_sent_to_set_up_may_still_sign_out(client, staff):
    client.force_login(staff)
    client.post(reverse("admin:logout"))
    assert "_auth_user_id" not in client.session


def test_travelers_need_no_factor(client):
    client.force_login(make_user())
    assert client.get(reverse("home")).status_code == 200


def test_development_needs_none(client, staff, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(staff)
    assert admin_leads_to(client) == 200
