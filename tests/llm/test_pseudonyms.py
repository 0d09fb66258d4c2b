import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from llm import pseudonyms
from llm.privacy import Scrubber

PERSON = frozenset({"person"})
TELL = {"given": set(pseudonyms.names("given")), "family": set(pseudonyms.names("family"))}


def sent(text, *people):
    return Scrubber(people).scrub(text)


def hidden(text, *people):
    """The text as it leaves, every pseudonym as G or F."""
    for letter, kind in (("G", "given"), ("F", "family")):
        pattern = rf"(?<![A-Za-z])(?:{'|'.join(TELL[kind])})(?![A-Za-rt-z])"
        text = re.sub(pattern, letter, text if letter == "F" else sent(text, *people))
    return text


@pytest.mark.parametrize(
    ("people", "text", "leaves"),
    [
        (["Anna Lindt"], "Anna Lindt and her dog.", "G F and her dog."),
        (["Anna Lindt"], "ANNA LINDT, anna lindt, Anna lindt", "G F, G F, G F"),
        (["Anna Lindt"], "Anna's plan, Annas Plan, Anna’s", "G's plan, Gs Plan, G’s"),
        (["Anna Lindt"], "Lindt, Anna; A. Lindt; Anna M. Lindt", "F, G; G F; G F"),
        (["Anna Lindt"], "Frau Lindt, Dr. Lindt, the Lindts", "Frau F, Dr. F, the Fs"),
        (["Dr. Anna Lindt"], "Dr. Anna Lindt", "Dr. G F"),
        (["José Núñez"], "Jose Nunez; JOSÉ NÚÑEZ; Señor Núñez", "G F; G F; Señor F"),
        (["Jose Nunez"], "José Núñez", "G F"),
        (["Jörg Müller"], "Joerg Mueller, Jorg Muller", "G F, G F"),
        (["Anna-Maria Voss"], "Anna-Maria, Anna Maria Voss", "G, G F"),
        (["Shane O'Brian"], "Shane O’Brian, Mr OBrian", "G F, Mr F"),
        (["Maria de la Fuenta"], "Maria de la Fuenta", "G F"),
        (["Ana García Lopo"], "Ana García, Ana García Lopo, García Lopo, Ana", "G F, G F, F, G"),
        (["Anna Lindt"], "annalindt on Instagram, @anna_lindt", "G F on Instagram, @G F"),
        (["山田 太郎"], "山田太郎です。山田さんと太郎は山田市にいる。", "G Fです。FさんとGは山田市にいる。"),
        (["王小明"], "王小明说，小明！", "G F说，G！"),
        (["김민수"], "김민수는 왔다. 민수가 좋아해.", "G F는 왔다. G가 좋아해."),
        (["アンナ・リンド"], "アンナ・リンドさん", "Gさん"),
        (["Анна Иванова"], "Анна Иванова и Анна", "G F и G"),
        (["Anna Lindt"], "Hannah, Annabelle, Montana, Lindtner", "Hannah, Annabelle, Montana, Lindtner"),
        (["Peter Lindt"], "St. Peter's and San Peter", "St. Peter's and San Peter"),
        (["Will Rose"], "Will you see a Rose in May?", "Will you see a Rose in May?"),
        (["Will Rose"], "Hi Will! I'm Will. Will Rose", "Hi G! I'm G. G F"),
        (["Florence Paris"], "Florence and Paris in a week", "Florence and Paris in a week"),
        (["Jo Kim"], "jo, was kim", "jo, was kim"),
        (["Madonna"], "Madonna sings", "G sings"),
        (["", " ", "—"], "nobody here", "nobody here"),
    ],
)  # fmt: skip
def test_names_leave_as_pseudonyms(people, text, leaves):
    assert hidden(text, *people) == leaves


def test_what_comes_back_is_the_real_name():
    scrubber = Scrubber(["Anna Lindt", "José Núñez"])
    full, given, family = scrubber.scrub("Anna Lindt|Anna|Frau Lindt").split("|")
    jose = scrubber.scrub("JOSE NUNEZ")

    answer = f"{full} and {jose}: {given}'s turn, {given.upper()}! {family}, ({given}s) {given}x."
    expected = f"Anna Lindt and José Núñez: Anna's turn, ANNA! Frau Lindt, (Annas) {given}x."
    assert scrubber.restore(answer, PERSON) == expected
    assert scrubber.restore(answer, frozenset({"email"})) == answer


def test_a_person_has_the_same_pseudonym_in_every_question_and_process():
    program = (
        "import django; django.setup()\n"
        "from llm.privacy import Scrubber; print(Scrubber(['Bo Ek', 'anna  LINDT']).scrub('Anna Lindt'))"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=root
    )

    assert run.stdout.strip() == sent("Anna Lindt", "Anna Lindt", "Someone Else"), run.stderr


def test_another_key_gives_other_pseudonyms(settings):
    before = sent("Anna Lindt", "Anna Lindt")
    settings.SECRET_KEY = "another"
    assert sent("Anna Lindt", "Anna Lindt") != before


def test_nobody_shares_a_pseudonym():
    people = [
        f"{chr(97 + n % 26)}nna{chr(97 + n // 26)} Lindt{chr(97 + n % 26)}{chr(97 + n // 26)}"
        for n in range(90)
    ]
    scrubber = Scrubber(people)
    aliases = scrubber.scrub("|".join(people)).split("|")

    assert len({alias.split()[0] for alias in aliases}) == len({alias.split()[1] for alias in aliases}) == 90
    assert scrubber.restore("|".join(aliases), PERSON) == "|".join(people)


def test_a_shared_given_name_has_a_pseudonym_of_its_own():
    scrubber = Scrubber(["Anna Lindt", "Anna Moor"])
    first, second, alone = scrubber.scrub("Anna Lindt|Anna Moor|Anna").split("|")

    assert len({first.split()[0], second.split()[0], alone}) == 3
    assert scrubber.restore(alone, PERSON) == "Anna"


def test_a_pseudonym_is_no_word_of_the_text_and_no_other_real_name():
    usual = sent("Anna Lindt", "Anna Lindt").split()

    beside = sent(f"Anna Lindt from {usual[1]}", "Anna Lindt")
    among = sent("Anna Lindt", "Anna Lindt", f"{usual[0]} Moor")

    assert beside.split()[0] == usual[0]
    assert beside.split()[1] != usual[1] == beside.split()[3]
    assert among.split()[0] != usual[0]


def test_a_later_word_that_is_a_pseudonym_already_comes_back_as_itself():
    scrubber = Scrubber(["Anna Lindt"])
    given, family = scrubber.scrub("Anna Lindt").split()
    later = scrubber.scrub(f"We met {given} at the {family} Inn, {given}s place.")

    assert given not in later
    assert family not in later
    assert scrubber.restore(later, PERSON) == f"We met {given} at the {family} Inn, {given}s place."


def test_people_count_once_and_only_when_named():
    scrubber = Scrubber(["Anna Lindt", "Bo Ek"])
    scrubber.scrub("Anna Lindt, then Anna again, Frau Lindt.")
    assert scrubber.found == {"person": 1}


def test_names_are_plain_and_tell_nothing():
    names = [*pseudonyms.names("given"), *pseudonyms.names("family")]
    assert len(names) == len({name.lower() for name in names}) > 280
    assert all(name.isascii() and name.isalpha() and name.istitle() and name[-1] != "s" for name in names)
    assert pseudonyms.lowered("given", "family").isdisjoint(pseudonyms.names("ordinary"))
