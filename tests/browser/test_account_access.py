"""Every page of signing up, signing in and an account against the axe rules, on the ways on which people reach them.
The `page` fixture also fails on any breach of the content security policy.
"""

import re

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from playwright.sync_api import Page, expect

from tests.browser.chromium import faults
from tests.factories import make_user

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"
ERRORS = "tests.config.test_errors"


class Walk:
    """A way through pages, and what was wrong on each."""

    def __init__(self, page: Page):
        self.page = page
        self.found: dict[str, list[str]] = {}

    def look(self, heading):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.found[f"{heading} ({len(self.found)})"] = faults(self.page)

    def open(self, path, heading):
        self.page.goto(path)
        self.look(heading)

    def press(self, name):
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").fill(value)


@pytest.fixture
def walk(page: Page):
    walk = Walk(page)
    yield walk
    assert walk.found == {heading: [] for heading in walk.found}


@pytest.fixture
def ada():
    return make_user(email="ada@example.com", password=PASSWORD)


def with_factor(user):
    totp.TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)


def mailed_link():
    (link,) = re.findall(r"http://\S+?(/accounts/\S+)", str(mail.outbox[-1].body))
    return link


def sign_in_by_form(walk):
    walk.page.goto("/accounts/login/")
    walk.fill(login="ada@example.com", password=PASSWORD)
    walk.press("Sign in")


def test_from_signing_up_to_a_confirmed_address(walk, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    walk.open("/accounts/signup/", "Make an account")
    walk.fill(name="Ada", email="ada@example.com", password1="short")
    walk.press("Make my account")
    walk.look("Make an account")
    walk.fill(password1=PASSWORD)
    walk.press("Make my account")
    walk.look("Confirm your address")
    walk.page.context.clear_cookies()  # on another device the link asks first
    walk.open(mailed_link(), "Confirm your address")
    walk.press("Yes, it is mine")
    walk.page.wait_for_url("**/accounts/login/")
    assert EmailAddress.objects.get().verified
    walk.open("/accounts/confirm-email/no-such-key/", "This link no longer works")


def test_an_address_that_somebody_else_has_confirmed(walk, ada):
    EmailAddress.objects.create(user=ada, email="ada@example.com", primary=True, verified=True)
    other = EmailAddress.objects.create(user=make_user(), email="ada@example.com", verified=False)
    walk.open(f"/accounts/confirm-email/{EmailConfirmationHMAC.create(other).key}/", "This address is taken")


def test_from_a_wrong_password_to_a_new_one(walk, ada):
    walk.open("/accounts/login/", "Welcome back")
    walk.fill(login="ada@example.com", password="wrong")
    walk.press("Sign in")
    walk.look("Welcome back")
    walk.page.get_by_role("link", name="Forgot your password?").click()
    walk.look("Forgotten your password?")
    walk.fill(email="ada@example.com")
    walk.press("Send the link")
    walk.look("Look into your mail")
    walk.open(mailed_link(), "Choose a new password")
    walk.fill(password1="short", password2="another")
    walk.press("Save the new password")
    walk.look("Choose a new password")
    walk.fill(password1="a long enough phrase", password2="a long enough phrase")
    walk.press("Save the new password")
    walk.look("Your password is changed")
    walk.page.locator("main").get_by_role("link", name="Sign in").click()
    walk.page.wait_for_url("**/accounts/login/")
    walk.open(mailed_link(), "This link no longer works")
    assert (ada.refresh_from_db(), ada.check_password("a long enough phrase")) == (None, True)


def test_an_account_that_is_closed(walk, ada):
    ada.is_active = False
    ada.save()
    sign_in_by_form(walk)
    walk.look("This account is closed")


def test_the_pages_of_an_account(walk, ada, sign_in):
    EmailAddress.objects.create(user=ada, email="ada@example.com", primary=True, verified=True)
    EmailAddress.objects.create(user=ada, email="ada@work.example", verified=True)
    EmailAddress.objects.create(user=ada, email="ada@new.example")
    sign_in(ada)
    walk.open("/accounts/email/", "E-mail address")
    walk.press(re.compile("Use this one.+ada@work.example"))
    walk.look("E-mail address")
    assert EmailAddress.objects.get(primary=True).email == "ada@work.example"
    walk.open("/accounts/password/change/", "Change your password")
    walk.fill(oldpassword="wrong", password1="short", password2="other")
    walk.press("Save the new password")
    walk.look("Change your password")
    walk.open("/accounts/logout/", "Sign out?")
    walk.press("Sign out")
    walk.page.wait_for_url("**/")


def test_an_account_without_a_password(walk, ada, sign_in):
    ada.set_unusable_password()
    ada.save()
    sign_in(ada)
    walk.open("/accounts/password/set/", "Choose a password")


def test_setting_up_the_second_step(walk, ada, code):
    sign_in_by_form(walk)
    walk.open("/accounts/2fa/", "Two-step sign-in")
    walk.page.get_by_role("link", name="Set it up").click()
    walk.look("Is it still you?")
    walk.fill(password=PASSWORD)
    walk.press("Go on")
    walk.look("Set up your authenticator app")
    walk.fill(code="000000")
    walk.press("Turn it on")
    walk.look("Set up your authenticator app")
    walk.fill(code=code(walk.page.locator("main code").inner_text()))
    walk.press("Turn it on")
    walk.look("Recovery codes")
    walk.open("/accounts/2fa/recovery-codes/generate/", "Make recovery codes")
    walk.open("/accounts/2fa/", "Two-step sign-in")
    walk.page.get_by_role("link", name="Turn it off").click()
    walk.look("Turn off the second step?")
    walk.press("Turn it off")
    walk.look("Two-step sign-in")


def test_signing_in_with_the_second_step(walk, ada):
    with_factor(ada)
    sign_in_by_form(walk)
    walk.look("Your second step")
    walk.fill(code="000000")
    walk.press("Sign in")
    walk.look("Your second step")
    walk.press("Back to sign-in")
    walk.page.wait_for_url("**/accounts/login/")


def test_being_asked_once_more(walk, ada, sign_in):
    with_factor(ada)
    sign_in(ada)
    walk.open("/accounts/reauthenticate/?next=/accounts/2fa/", "Is it still you?")
    walk.page.locator("main").get_by_role("link").last.click()
    walk.look("Is it still you?")
    walk.fill(code="000000")
    walk.press("Go on")
    walk.look("Is it still you?")


def test_too_many_attempts(walk, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": "1/hour"}
    sign_in_by_form(walk)
    sign_in_by_form(walk)
    walk.look("One moment, please")


@pytest.mark.urls(ERRORS)
def test_the_pages_of_errors(walk):
    for code, heading in [
        ("400", "We could not read that request"),
        ("403", "This part is not yours to open"),
        ("404", "Off the map"),
        ("500", "We took a wrong turn"),
    ]:
        walk.open(f"/fail/{code}", heading)


def test_the_page_of_maintenance(walk, settings):
    settings.MAINTENANCE = True
    walk.open("/", "Back in a moment")
