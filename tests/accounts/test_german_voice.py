"""The pages and mails of an account speak German as the rest does: informally, also where a package wrote them."""

import html
import re
from pathlib import Path
from urllib.parse import urlsplit

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from babel.messages.pofile import read_po
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils.translation import gettext, override

from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
LONGER = "a much longer phrase"
SECRET = "JBSWY3DPEHPK3PXP"
FORMAL = re.compile(r"\b(?:Ihnen|Ihre[mnrs]?|Ihr|Sie)\b")
NAMED = re.compile(r"%\(\w+\)s")


class Reader:
    """Somebody who reads German; `seen` holds every page and mail."""

    def __init__(self, client):
        self.client = client
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
        self.seen = {}

    def opens(self, name, /, *args, **answers):
        """The page, or what becomes of a form that is sent with these answers, wherever it leads."""
        url = name if name.startswith("/") else reverse(name, args=args)
        response = (self.client.post if answers else self.client.get)(url, answers, follow=True)
        assert response.status_code == 200, url
        if response.wsgi_request.path.startswith("/accounts/"):
            self.seen[f"{url} {answers}"] = words(response.content.decode())
        return response

    def gets_mail(self):
        message = mail.outbox.pop()
        self.seen[f"mail {message.subject}"] = f"{message.subject}\n{message.body}"
        return urlsplit(re.findall(r"https?://\S+", str(message.body))[0]).path

    def formally(self):
        """Where somebody was addressed so, and how."""
        return {place: found for place, text in self.seen.items() if (found := FORMAL.findall(text))}


def words(page):
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]+>", " ", page)
    return " ".join(html.unescape(text).split())


@pytest.fixture
def reader(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    return Reader(client)


@pytest.fixture
def user():
    user = make_user(language="de")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def test_sign_up(reader):
    form = {"name": "Ada", "email": "ada@example.com", "password1": "a long enough phrase"}
    reader.opens("account_signup")
    reader.opens("account_signup", **form | {"email": "ada", "password1": "ada"})
    reader.opens("account_signup", **form | {"password1": "password123"})
    reader.opens("account_signup", **form)
    confirm = reader.gets_mail()
    reader.opens("account_signup", **form)
    reader.gets_mail()
    reader.opens(confirm)
    reader.opens(confirm, go="on")
    reader.opens("account_confirm_email", "not-a-key")
    assert reader.formally() == {}


def test_sign_in_and_out(reader, user):
    reader.opens("account_login")
    reader.opens("account_login", login=user.email, password="wrong")
    reader.opens("account_login", login=user.email, password=PASSWORD)
    reader.opens("account_logout")
    reader.opens("account_logout", go="on")
    user.is_active = False
    user.save()
    reader.opens("account_login", login=user.email, password=PASSWORD)
    assert reader.formally() == {}


def test_a_forgotten_password(reader, user):
    reader.opens("account_reset_password")
    reader.opens("account_reset_password", email="nobody@example.com")
    reader.gets_mail()
    reader.opens("account_reset_password", email=user.email)
    link = reader.gets_mail()
    form = reader.opens(link).redirect_chain[-1][0]
    reader.opens(form, password1="short", password2="other")
    reader.opens(form, password1=LONGER, password2=LONGER)
    reader.opens(link)
    assert reader.formally() == {}


def test_another_password(reader, user):
    reader.client.force_login(user)
    reader.opens("account_change_password")
    reader.opens("account_change_password", oldpassword="wrong", password1="short")
    answers = {"password1": LONGER, "password2": LONGER}
    reader.opens("account_change_password", oldpassword=PASSWORD, **answers)
    user.set_unusable_password()
    user.save()
    reader.client.force_login(user)
    reader.opens("account_set_password")
    assert reader.formally() == {}


def test_addresses(reader, user):
    reader.client.force_login(user)
    reader.opens("account_email")
    reader.opens("account_email", action_add="", email=user.email)
    reader.opens("account_email", action_add="", email="another@example.com")
    reader.gets_mail()
    for action in ("primary", "send", "remove"):
        reader.opens("account_email", **{f"action_{action}": "", "email": "another@example.com"})
    reader.opens("account_email", action_remove="", email=user.email)
    assert reader.formally() == {}


def test_a_second_factor(reader, user, code):
    reader.client.force_login(user)
    reader.opens("mfa_index")
    reader.opens("mfa_activate_totp")
    reader.opens("account_reauthenticate", password="wrong")
    reader.opens("account_reauthenticate", password=PASSWORD)
    secret = reader.opens("mfa_activate_totp").context["form"].secret
    reader.opens("mfa_activate_totp", code="000000")
    reader.opens("mfa_activate_totp", code=code(secret))
    reader.opens("mfa_index")
    reader.opens("mfa_activate_totp")
    reader.opens("mfa_view_recovery_codes")
    reader.opens("mfa_generate_recovery_codes")
    reader.opens("mfa_generate_recovery_codes", go="on")
    reader.opens("mfa_reauthenticate")
    reader.opens("mfa_reauthenticate", code="000000")
    reader.opens("account_email", action_add="", email="another@example.com")
    reader.opens("mfa_deactivate_totp")
    reader.opens("mfa_deactivate_totp", go="on")
    assert reader.formally() == {}


def test_signing_in_with_a_second_factor(reader, user):
    totp.TOTP.activate(user, SECRET)
    reader.opens("account_login", login=user.email, password=PASSWORD)
    reader.opens("mfa_authenticate", code="000000")
    assert reader.formally() == {}


def test_a_second_factor_without_a_confirmed_address(reader, user):
    EmailAddress.objects.update(verified=False)
    reader.client.force_login(user)
    reader.opens("account_reauthenticate", password=PASSWORD)
    reader.opens("mfa_activate_totp")
    reader.opens("mfa_activate_totp", code="000000")
    reader.opens("mfa_generate_recovery_codes")
    assert reader.formally() == {}


def catalogue(folder):
    with (Path(folder) / "de" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="de") if message.id}


def test_only_what_allauth_says_formally_is_said_again_and_with_the_same_names():
    ours, theirs = catalogue(settings.LOCALE_PATHS[1]), catalogue(Path(allauth.__file__).parent / "locale")
    assert [text for text in ours if not FORMAL.search(theirs.get(text, ""))] == []
    assert [text for text, said in ours.items() if FORMAL.search(said)] == []
    assert {text: NAMED.findall(text) for text in ours} == {
        text: NAMED.findall(said) for text, said in ours.items()
    }


def test_the_texts_said_again_are_compiled():
    with override("de"):
        assert {text: gettext(text) for text in catalogue(settings.LOCALE_PATHS[1])} == catalogue(
            settings.LOCALE_PATHS[1]
        )
