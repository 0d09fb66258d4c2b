"""Every model that leads to a person is declared, or exempt for a reason that is written down."""

import pytest
from django.apps import apps
from django.db.models import Model

from accounts import personal
from accounts.models import User

MODELS = [model for model in apps.get_models() if not model._meta.proxy]


def owners(model: type[Model]) -> set[type[Model]]:
    """The models whose keys a row of this one holds."""
    return {
        field.related_model._meta.concrete_model
        for field in model._meta.concrete_fields
        if isinstance(field.related_model, type) and field.related_model._meta.concrete_model
    }


def leading_to_a_person() -> set[type[Model]]:
    found: set[type[Model]] = {User}
    while True:
        more = {model for model in MODELS if model not in found and owners(model) & found}
        if not more:
            return found
        found |= more


LEADING = sorted(leading_to_a_person(), key=lambda model: model._meta.label)


def declared() -> set[type[Model]]:
    return {one.model for _app, one in personal.held()}


@pytest.mark.parametrize("model", LEADING, ids=lambda model: model._meta.label)
def test_a_model_with_a_path_to_a_person_is_declared(model):
    """Declare it in the `personal.py` of its app, or exempt it there and say why."""
    assert (model in declared()) != (model in personal.exempted())


def test_the_walk_finds_what_is_far_from_a_person():
    found = {model._meta.label for model in LEADING}
    assert {"bookings.WaitlistEntry", "matching.MatchReceipt", "account.EmailConfirmation"} <= found
    assert "markets.Market" not in found


def test_nothing_is_exempt_without_a_reason_or_without_need():
    for model, reason in personal.exempted().items():
        assert len(reason) > 20
        assert model in LEADING


def test_each_kind_of_row_has_a_file_of_its_own():
    names = [(app, one.name) for app, one in personal.held()]
    assert len(names) == len(set(names))


def test_what_stays_is_said_in_sentences():
    said = personal.stays()
    assert said
    assert [one for one in said if not one.endswith(".")] == []
