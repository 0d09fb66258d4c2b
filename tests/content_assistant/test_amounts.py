import pytest

from content_assistant.checks import amounts, survivors


def found(text, language="en"):
    return [(one.currency, str(one.value)) for one in amounts.find(text, language)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "The top 10 of the city; try 3 of them, all 5 if you can, and bring a cup 2 people can share.",
        ),
        ("en", "Top 10 markets. Try 3 soups."),
        ("de", "Ein Haus aus dem 18. Jahrhundert, mit bis zu 12 Gästen, und 3 leise Gassen."),
        ("de", "Nach dem 18 km langen Weg sind es noch 5 all die Treppen hinauf."),
        ("es", "Las 10 mejores: con 2 personas, y por 3 horas, los 4 mop de la casa."),
        ("fr", "Les 10 sur le pont, le top 5 et le 12 mai."),
    ],
)
def test_words_are_no_currencies(language, text):
    assert found(text, language) == []
    assert [one for one in survivors.kept(text, language) if one.kind == "price"] == []


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("10 TOP", ("TOP", "1E+1")),
        ("TRY 350", ("TRY", "3.5E+2")),
        ("20 EUR", ("EUR", "2E+1")),
        ("20 eur", ("EUR", "2E+1")),
        ("usd 45", ("USD", "45")),
        ("45 Euro", ("EUR", "45")),
        ("us$45", ("USD", "45")),
        ("¥3,500", ("JPY", "3.5E+3")),
    ],
)
def test_codes_in_capitals_signs_and_names_are(text, amount):
    assert found(text) == [amount]


def test_a_list_of_ten_survives_its_translation():
    assert survivors.compare("My top 10 and a 3 h walk.", "en", "Meine 10 besten und 3 h Weg.", "de") is None
