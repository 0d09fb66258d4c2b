import pytest

from experts import taxonomy, taxonomy_names
from experts.models import Specialty
from tests.factories import make_expert


def test_there_are_twelve_groups_and_about_eighty_specialties_with_slugs_of_their_own():
    entries = taxonomy.entries()
    assert len({entry.group for entry in entries}) == 12
    assert 75 <= len(entries) == len({entry.slug for entry in entries}) <= 90


def test_every_name_can_be_translated():
    names = {entry.name for entry in taxonomy.entries()} | {entry.group_name for entry in taxonomy.entries()}
    assert sorted(taxonomy_names.NAMES) == sorted(names)


@pytest.mark.django_db
def test_the_migration_fills_the_table_in_the_order_of_the_file():
    stored = Specialty.objects.values_list("slug", "name", "group", "group_name")
    assert list(stored) == [(e.slug, e.name, e.group, e.group_name) for e in taxonomy.entries()]


@pytest.mark.django_db
def test_sync_renames_adds_and_keeps_what_experts_have():
    expert = make_expert(specialties={"wine": 3})
    Specialty.objects.filter(slug="wine").update(name="Grape juice", position=999)
    Specialty.objects.filter(slug="surfing").delete()
    retired = Specialty.objects.create(slug="jousting", name="Jousting", group="active", group_name="Active")
    taxonomy.sync()
    kept = expert.specialties.get()
    assert (kept.specialty.slug, kept.specialty.name, kept.depth) == ("wine", "Wine and vineyards", 3)
    assert Specialty.objects.filter(slug="surfing").exists()
    assert Specialty.objects.filter(pk=retired.pk).exists()


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        (
            "Street food, temples and a tea ceremony!",
            ["street-food", "temples-and-shrines", "living-traditions"],
        ),
        ("STREET-FOOD", ["street-food"]),
        ("my son is coeliac", ["allergy-aware"]),
        ("somewhere wheelchair-accessible", ["wheelchair-access"]),
        ("a café, then jazz", ["coffee-and-tea", "live-music"]),
        ("hikes, hiking and a hike", ["day-hikes"]),
        ("We love barbecue and training", []),
        ("no hiking, no long hikes, please without museums", []),
        ("no crowds", ["quiet-travel"]),
        ("no gluten", ["allergy-aware"]),
        ("", []),
        ("🎎 שלום \x00 <b>sake</b>", ["beer-and-spirits"]),
    ],
)
def test_wishes_are_recognised_in_free_words(text, slugs):
    assert taxonomy.recognise(text) == slugs
