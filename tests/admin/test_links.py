"""What an admin page leads to opens for whoever reads it: the name of what they may not open is plain text."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib import admin
from django.urls import resolve, reverse

from accounts import audit
from accounts.middleware import known_reader
from accounts.models import User
from accounts.staff import link_to
from bookings.models import Attachment, Booking
from experts.models import Service
from social.models import Alert, ViralMoment
from tests.admin.conftest import in_role
from tests.admin.rows import make_rows
from tests.admin.test_permissions import PAGES

every_role = pytest.mark.parametrize("role", ["Reviewer", "Operator", "Social media manager", "Analyst"])
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')


@pytest.fixture(scope="module")
def pages(module_db):
    """The overview, our own pages, and of every model its list and the page of its latest row."""
    make_rows()
    found = [reverse("admin:index"), *(reverse(f"admin:{name}") for name in PAGES)]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        latest = model._default_manager.latest("pk").pk
        found += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[latest])]
    return found


def links(page, address):
    """Those within the admin. A history opens for whoever may open its row."""
    found = [urljoin(address, unescape(link)) for link in LINK.findall(page.content.decode())]
    return [link for link in found if link.startswith("/admin/") and not link.endswith("/history/")]


def kind(address):
    """Of all pages of a kind one tells whether a role opens them."""
    match = resolve(urlsplit(address).path)
    return match.url_name, match.kwargs.get("app_label")


@every_role
def test_whatever_a_page_leads_to_opens_for_who_reads_it(pages, undone, monkeypatch, role):
    client, answers = in_role(role), {}
    led: dict[tuple, tuple] = {}
    for address in pages:
        page = client.get(address)
        answers[kind(address)] = page.status_code
        led |= {kind(link): (link, address) for link in links(page, address)}
        # The same on every page, and half of what a page costs.
        monkeypatch.setattr(admin.site, "get_sidebar_list", lambda request: [])
    for new in led.keys() - answers.keys():
        answers[new] = client.get(led[new][0]).status_code
    assert {led[one] for one in led if answers[one] >= 400} == set()


def link_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def page_of(client, row):
    return client.get(link_of(row)).text


@pytest.mark.parametrize(("role", "may"), [("Reviewer", False), ("Operator", True)])
def test_who_may_not_open_accounts_reads_a_travelers_name_all_the_same(pages, undone, role, may):
    booking = Booking.objects.latest("pk")
    shown = page_of(in_role(role), booking)
    assert str(booking.traveler) in shown
    assert (link_of(booking.traveler) in shown) is may


@pytest.mark.parametrize(("role", "may"), [("Social media manager", False), ("Analyst", True)])
def test_what_is_listed_on_a_page_leads_on_for_who_may_open_it(pages, undone, role, may):
    service = Service.objects.latest("pk")
    shown = page_of(in_role(role), service.expert)
    assert service.title in shown
    assert (link_of(service) in shown) is may


@pytest.mark.parametrize(("role", "may"), [("Analyst", False), ("Social media manager", True)])
def test_a_campaign_is_proposed_to_who_may_create_one(pages, undone, role, may):
    assert ("Create campaign" in page_of(in_role(role), ViralMoment.objects.latest("pk"))) is may


@pytest.mark.parametrize(("role", "may"), [("Analyst", False), ("Reviewer", True)])
def test_who_may_not_read_a_file_sees_that_there_is_one(pages, undone, role, may):
    attachment = Attachment.objects.latest("pk")
    client = in_role(role)
    for row in (attachment, attachment.message.inquiry):
        shown = page_of(client, row)
        assert attachment.name in shown
        assert (reverse("admin:bookings_attachment_download", args=[attachment.pk]) in shown) is may


@pytest.mark.parametrize(("role", "may"), [("Reviewer", False), ("Operator", True)])
def test_an_event_names_what_it_is_about_to_who_may_not_open_it(pages, undone, role, may):
    someone = User.objects.latest("pk")
    event = audit.record(action="account.export", target=someone, by=None)
    shown = page_of(in_role(role), event)
    assert f"accounts.user {someone.pk}" in shown
    assert (link_of(someone) in shown) is may


@pytest.mark.parametrize(("role", "may"), [("Reviewer", False), ("Operator", True)])
def test_an_alert_leads_where_its_reader_may_go(pages, undone, role, may):
    alert = Alert.objects.latest("pk")
    url = reverse("admin:accounts_user_changelist", query={"q": "ada"})
    Alert.objects.filter(pk=alert.pk).update(url=url)
    assert (url in page_of(in_role(role), alert)) is may


def test_a_page_is_drawn_for_its_own_reader_and_for_nobody_afterwards(pages, undone):
    booking = Booking.objects.latest("pk")
    operator, reviewer = in_role("Operator"), in_role("Reviewer")
    led = [link_of(booking.traveler) in page_of(client, booking) for client in (operator, reviewer, operator)]
    assert led == [True, False, True]
    assert link_to(booking.traveler) == str(booking.traveler)


def test_an_error_on_the_way_ends_the_reading_too(rf):
    request = rf.get("/admin/")
    request.user = ada = User(pk=1, email="ada@example.com", is_superuser=True)

    def view(request):
        raise ZeroDivisionError(link_to(ada))

    with pytest.raises(ZeroDivisionError, match=link_of(ada)):
        known_reader(view)(request)
    assert link_to(ada) == str(ada)
