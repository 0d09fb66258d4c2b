"""What staff may change by hand: experts' practice and services. Wrong values are named at their field."""

import pytest
from django.urls import reverse

from accounts.models import User
from experts import search
from experts.models import Expert, ExpertTerm, Service
from matching import engine
from tests.factories import make_expert, make_service, make_trip
from tests.pages import form_answers

pytestmark = pytest.mark.django_db


def page(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def filled(client, row, **changes):
    """Everything the row's page sends when its button is pressed, with these changes; None leaves a box empty."""
    answers = form_answers(client.get(page(row)).content.decode()) | changes
    return {name: value for name, value in answers.items() if value is not None}


def errors(client, row, **changes):
    response = client.post(page(row), filled(client, row, **changes))
    assert response.status_code == 200
    row.refresh_from_db()
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


def test_an_expert_saved_unchanged_stays_as_they_were(reviewer):
    expert = make_expert(specialties={"wine": 3}, languages={"en": 5})
    before = Expert.objects.values().get()
    assert reviewer.post(page(expert), filled(reviewer, expert)).status_code == 302
    assert Expert.objects.values().get() == before


def test_a_service_saved_unchanged_stays_as_it_was(reviewer):
    service = make_service(make_expert())
    before = Service.objects.values().get()
    assert reviewer.post(page(service), filled(reviewer, service)).status_code == 302
    assert Service.objects.values().get() == before


NO_EXPERT = {
    "price_max": "a lot",
    "group_size_max": "0",
    "years_experience": "81",
    "communication_style": "rude",
    "headline": "x" * 141,
    "bio": "null\0byte",
    "background": "x" * 2001,
    "currency": "XXX",
}
NO_SERVICE = {
    "duration_hours": "x",
    "kind": "party",
    "title": "",
    "description": "x" * 4001,
    "currency": "EURO",
    "includes": "x" * 141,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"price_min": "-1"},
        {"price_min": "0"},
        {"price_min": "130", "price_max": "120"},
        {"response_hours": "-1"},
        NO_EXPERT,
    ],
)
def test_what_an_expert_cannot_be_is_refused(reviewer, changes):
    expert = make_expert()
    before = Expert.objects.values().get()
    assert set(errors(reviewer, expert, **changes)) in ({"__all__"}, set(NO_EXPERT))
    assert Expert.objects.values().get() == before


@pytest.mark.parametrize("changes", [{"price": "0"}, {"duration_hours": "0"}, NO_SERVICE])
def test_what_a_service_cannot_be_is_refused(reviewer, changes):
    service = make_service(make_expert())
    before = Service.objects.values().get()
    assert set(errors(reviewer, service, **changes)) in ({"__all__"}, set(NO_SERVICE))
    assert Service.objects.values().get() == before


def test_a_currency_in_small_letters_is_meant_in_capitals(reviewer):
    expert = make_expert()
    reviewer.post(page(expert), filled(reviewer, expert, currency="eur"))
    expert.refresh_from_db()
    assert expert.currency == "EUR"
    assert len(engine.rank(make_trip(expert.market), today=expert.active_since).pool) == 1


def test_a_changed_service_is_found_by_its_new_words_at_once(reviewer):
    service = make_service(make_expert())
    reviewer.post(page(service), filled(reviewer, service, title="Falconry", includes="Gloves, Tea"))
    service.refresh_from_db()
    assert (service.title, service.includes) == ("Falconry", ["Gloves", "Tea"])
    assert {"falconri", "glove"} <= set(ExpertTerm.objects.values_list("lexeme", flat=True))


def test_a_service_taken_off_is_found_no_more(reviewer):
    service = make_service(make_expert(), title="Falconry")
    search.reindex([service.expert_id])
    assert ExpertTerm.objects.filter(lexeme="falconri").exists()
    reviewer.post(page(service), filled(reviewer, service, is_active=None))
    assert not ExpertTerm.objects.filter(lexeme="falconri").exists()


def test_an_analyst_changes_neither(analyst):
    expert = make_expert()
    for row in (expert, make_service(expert)):
        assert analyst.post(page(row), {"title": "Mine", "headline": "Mine"}).status_code == 403
    assert Expert.objects.get().headline != "Mine"


@pytest.mark.parametrize("step", ["approve", "send_back", "pause", "resume", "suspend", "reinstate"])
def test_nobody_is_decided_on_who_is_not_there(reviewer, step):
    address = reverse(f"admin:experts_expert_{step}", args=[987654321])
    assert reviewer.get(address).status_code == reviewer.post(address, {"reason": "x"}).status_code == 404
    assert User.objects.count() == 1
