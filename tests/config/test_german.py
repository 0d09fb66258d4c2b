"""German stands for every translation: its catalogue is whole, and its pages read as German."""

import gettext
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import ngettext, override

from experts.models import Expert
from markets.models import Market
from matching import runs, services, wording
from tests.factories import make_expert, make_market, make_review, make_trip, make_user
from travelers.models import Trip

FOLDER = Path(settings.LOCALE_PATHS[0]) / "de" / "LC_MESSAGES"
NAMED = re.compile(r"%\(\w+\)[a-z]|%%|%[ds]|\{\w+\}|<[^>]+>")


def catalogue() -> Catalog:
    return read_po(io.BytesIO((FOLDER / "django.po").read_bytes()), locale="de")


def messages() -> list[Message]:
    return [message for message in catalogue() if message.id]


def both(text: object) -> tuple[str, ...]:
    """A text's forms: one, or the singular and the plural."""
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]  # Babel has no narrower type


def entries(compiled: io.BytesIO) -> dict[object, str]:
    entries: dict[object, str] = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in entries.items() if key}


@pytest.fixture
def german() -> Iterator[None]:
    with override("de"):
        yield


@pytest.fixture
def kyoto() -> Market:
    return make_market(currency="EUR")


@pytest.fixture
def reader(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de-AT,de;q=0.9,en;q=0.5"
    return client


def mei(market: Market, reviews: int = 1) -> Expert:
    prices = {"price_min": Decimal(1200), "price_max": Decimal(1500), "currency": "EUR"}
    expert = make_expert(market, name="Mei Tanaka", specialties={"street-food": 3}, **prices)
    for _ in range(reviews):
        make_review(expert)
    return expert


def results(client: Client, market: Market) -> str:
    traveler = make_user()
    client.force_login(traveler)
    trip: Trip = make_trip(market, traveler=traveler, interests=["street-food"])
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    return client.get(reverse("matching:results", args=[trip.pk])).content.decode()


def test_every_text_is_translated():
    assert [message.id for message in messages() if message.fuzzy or not all(both(message.string))] == []


def test_the_placeholders_and_tags_of_a_text_survive_its_translation():
    changed = [
        message.id
        for message in messages()
        for source, text in zip(both(message.id), both(message.string), strict=True)
        if sorted(NAMED.findall(source)) != sorted(NAMED.findall(text))
    ]
    assert changed == []


def test_quotes_and_dashes_are_german():
    texts = [text for message in messages() for text in both(message.string)]
    tags_left_out = [re.sub(r"<[^>]+>", "", text) for text in texts]
    assert [text for text in tags_left_out if re.search(r"[\"'”]|“\w| - |\.\.\.", text)] == []


def test_nobody_is_addressed_formally():
    texts = [text for message in messages() for text in both(message.string)]
    assert [text for text in texts if re.search(r"\b(Ihnen|Ihrem|Ihren|Ihrer)\b|\w \bSie\b", text)] == []


def test_the_compiled_catalogue_is_that_of_the_texts():
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    committed = io.BytesIO((FOLDER / "django.mo").read_bytes())
    assert entries(committed) == entries(compiled)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(("count", "text"), [(0, "Bewertungen"), (1, "Bewertung"), (2, "Bewertungen")])
def test_the_plural_is_the_german_one(count, text):
    assert ngettext("%(counter)s review", "%(counter)s reviews", count) == f"%(counter)s {text}"


@pytest.mark.usefixtures("german")
def test_the_reasons_are_one_german_sentence():
    strengths: list[wording.Remark] = [
        ("skill", {"name": "Cooking classes", "depth": 3}),
        ("rating", {"rating": 4.8}),
        ("language", {"language": "de"}),
    ]
    assert wording.why("Mei", strengths) == (
        "Mei hat 3 Reisen mit „Kochkurse“ geplant oder begleitet, ist mit 4,8 von 5 bewertet "
        "und spricht mit dir Deutsch."
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("reviews", "text"), [(1, "1 Bewertung<"), (2, "2 Bewertungen<")])
def test_a_list_of_experts_reads_as_german(reader, kyoto, reviews, text):
    mei(kyoto, reviews=reviews)
    html = results(reader, kyoto)
    assert '<html lang="de"' in html
    for shown in (
        "Passt am besten zu dir",
        "1.200\xa0€ – 1.500\xa0€",
        "Mei hat 3 Reisen mit „Streetfood“",
        text,
    ):
        assert shown in html


@pytest.mark.django_db
def test_a_profile_names_the_specialties_in_german(reader, kyoto):
    html = reader.get(mei(kyoto).get_absolute_url()).content.decode()
    assert '<li class="tag">Streetfood <span class="muted">3 Reisen</span></li>' in html


@pytest.mark.django_db
def test_a_form_complains_in_german(reader):
    errors = reader.post(reverse("travelers:trip_create"), {"timing": "fixed"}).context["form"].errors
    assert errors["start"] == ["Wähl den ersten Tag."]
    assert errors["kind"] == ["Dieses Feld ist zwingend erforderlich."]
