import pytest

from content_assistant.checks import Text, counting, words


def rules(check, text, language="en", **more):
    return [finding.rule for finding in check(Text(text, language, **more))]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One two, three.", 3),
        ("It's a well-known 3.5 km walk – really.", 7),
        ("Straßenküche für alle", 3),
        ("京都の庭を歩きます", 5),  # nine characters, two to a word
    ],
)
def test_words_are_counted(text, count):
    assert counting.words(text) == count


def test_sentences_are_told_apart():
    text = "We meet Dr. Sato at 9.30 a.m. in the garden. He pours tea! “Is it hot?” It is.\n\nNew thought"
    assert counting.sentences(text)[-1] == "New thought"
    assert counting.sentences(text)[0].endswith("in the garden.")
    assert counting.sentences("茶を飲みます。歩きます。") == ["茶を飲みます。", "歩きます。"]


@pytest.mark.parametrize(("count", "found"), [(4, ["length"]), (5, []), (7, []), (8, ["length"])])
def test_length_has_both_ends(count, found):
    assert rules(words.length(5, 7), "word " * count) == found


def test_the_repair_says_how_many():
    (finding,) = words.length(150, 200)(Text("word " * 231, "en"))
    assert finding.repair == "The text has 231 words. Write 150 to 200."
    assert not finding.blocks


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I love traveling, and so will you."),
        ("en", "A HIDDEN GEM by the river."),
        ("en", "a once in a lifetime day"),
        ("en", "Whether you're a foodie or a hiker, come."),
        ("de", "Ein echter Geheimtipp am Fluss."),
        ("de", "Meine Leidenschaft ist das Kochen."),
        ("es", "Una joya escondida junto al río."),
        ("fr", "Je suis passionnée par la cuisine."),
        ("fr", "J’adore voyager avec mes hôtes."),
        ("ja", "ここは穴場です。"),
    ],
)
def test_worn_phrases_are_found_in_five_languages(language, text):
    assert rules(words.banned, text, language) == ["worn"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Book now and save."),
        ("en", "Don’t miss out!"),
        ("de", "Buchen Sie jetzt, solange es geht."),
        ("es", "¡Reserva ya!"),
        ("fr", "Réservez maintenant votre visite."),
        ("ja", "今すぐご予約ください。"),
    ],
)
def test_sales_talk_is_found_in_five_languages(language, text):
    assert "sales" in rules(words.banned, text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We sit by the river, and without hurry I pour the tea that my aunt dries."),
        ("de", "Wir sitzen am Fluss, und ich gieße den Tee auf, den meine Tante trocknet."),
        ("es", "Nos sentamos junto al río y sirvo el té que seca mi tía."),
        ("fr", "Nous nous asseyons au bord de la rivière et je sers le thé de ma tante."),
        ("ja", "川のそばに座り、叔母の茶をいれます。"),
    ],
)
def test_plain_words_are_left_alone(language, text):
    assert rules(words.banned, text, language) == []
    assert rules(words.opening, text, language) == []


def test_a_finding_points_at_its_words():
    text = "By the river lies a hidden gem, they say."
    (finding,) = words.banned(Text(text, "en"))
    ((start, end),) = finding.spans
    assert text[start:end] == "hidden gem"
    assert "“hidden gem”" in finding.message


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My name is Mei and I guide."),
        ("de", "Ich bin eine Führerin aus Kyoto."),
        ("es", "Me llamo Ana y vivo aquí."),
        ("fr", "Je m’appelle Zoé."),
        ("ja", "はじめまして、京都です。"),
    ],
)
def test_an_introduction_is_no_hook(language, text):
    assert rules(words.opening, text, language) == ["opening"]


GERMAN = "Wir treffen uns am Fluss und gehen langsam durch die alten Gassen bis zum Markt."


def test_another_language_is_noticed():
    assert rules(words.language, GERMAN, "en") == ["language"]
    assert rules(words.language, GERMAN, "de") == []
    assert rules(words.language, GERMAN, "de-at") == []
    assert rules(words.language, "Kyoto", "de") == []  # too short to tell


def test_gaps_block_and_their_words_count_for_no_language():
    text = f"{GERMAN} [Bitte ergänzen: Wo treffen Sie sich?] [ADDRESS_1]"
    (finding,) = words.gaps(Text(text, "de"))
    assert finding.blocks
    assert [text[start:end] for start, end in finding.spans][1] == "[ADDRESS_1]"
    assert rules(words.gaps, GERMAN, "de") == []


def test_first_person_by_language():
    assert rules(words.first_person, "Mei walks with guests.") == ["person"]
    assert rules(words.first_person, "I walk with guests.") == []
    assert rules(words.first_person, "Mei führt Gäste.", "de") == ["person"]
    assert rules(words.first_person, "Mit mir gehen Gäste.", "de") == []
    assert rules(words.first_person, "Cammino con gli ospiti.", "it") == []  # nobody told us how


@pytest.mark.parametrize(
    "text",
    [
        "We walk by the river. I pour tea. We walk by the river.",
        "I will show you a door. I will tell you a story. I will bring you home.",
        "The old mill on the river is red. See the old mill on the river by day. Ask for the old mill on the river.",
    ],
)
def test_repetition_is_noticed(text):
    assert rules(words.repetition, text) == ["repetition"]


def test_varied_text_repeats_nothing():
    assert rules(words.repetition, "We walk by the river. I pour tea. Then the rain comes, and we sit.") == []


KEYWORDS = ["food tour Hanoi", "Hanoi street food", "market tour Hanoi", "coffee Hanoi"]


def test_keywords_in_a_row_are_stuffing():
    stuffed = (
        "Food tour Hanoi, Hanoi street food, market tour Hanoi, coffee Hanoi: all with me. " + "word " * 200
    )
    assert rules(words.stuffing, stuffed, data={"keywords": KEYWORDS}) == ["stuffing"]


def test_a_keyword_again_and_again_is_stuffing():
    text = ("On a food tour in Hanoi we sit. " + "word " * 50) * 3
    assert rules(words.stuffing, text, data={"keywords": KEYWORDS}) == ["stuffing"]


def test_keywords_where_they_belong_are_none():
    text = (
        "On a food tour in Hanoi with me the first stop has four stools. "
        + "word " * 100
        + "Later: coffee Hanoi."
    )
    assert rules(words.stuffing, text, data={"keywords": KEYWORDS}) == []
    assert rules(words.stuffing, text) == []


def test_paragraphs_are_counted():
    assert rules(words.paragraphs(3), "One.\n\nTwo.") == ["structure"]
    assert rules(words.paragraphs(3), "One.\n\nTwo.\n \nThree.") == []
