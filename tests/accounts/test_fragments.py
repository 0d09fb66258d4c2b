import time
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from accounts import fragments
from accounts.fragments import RowVersion
from accounts.models import User
from tests.factories import make_expert, make_user


class Kitchen:
    def __init__(self):
        self.made = 0

    def make(self):
        self.made += 1
        return f"part {self.made}"


@pytest.fixture
def kitchen():
    return Kitchen()


def test_a_part_is_made_once_for_each_name_key_and_language(kitchen):
    asked = [("home", 1), ("home", 2), ("profile", 1)]
    first = [fragments.kept(name, key, kitchen.make) for name, key in asked]
    with translation.override("de"):
        german = fragments.kept("home", 1, kitchen.make)
    again = [fragments.kept(name, key, kitchen.make) for name, key in asked]
    assert (first, german) == (["part 1", "part 2", "part 3"], "part 4")
    assert again == first


def test_keys_that_only_look_alike_are_two(kitchen):
    keys = [(1, 2), ("1", "2"), ("1, 2",), [1, 2]]
    assert len({fragments.kept("home", key, kitchen.make) for key in keys}) == 4


def test_an_empty_part_is_kept_too(kitchen):
    assert [fragments.kept("home", 1, lambda: ""), fragments.kept("home", 1, kitchen.make)] == ["", ""]


def test_a_part_is_made_anew_after_a_minute(kitchen, monkeypatch):
    now = time.time()
    seen = []
    for later in (0, 59, 61):
        monkeypatch.setattr("time.time", lambda at=now + later: at)
        seen.append(fragments.kept("home", 1, kitchen.make))
    assert seen == ["part 1", "part 1", "part 2"]


def version(user):
    return User.objects.values_list(RowVersion("email")).get(pk=user.pk)


@pytest.mark.django_db
def test_every_change_of_a_row_changes_its_version_and_nothing_else_does():
    user, other = make_user(), make_user()
    seen = [version(user)]
    for name in ("Ada", "Ada", "Bea"):
        User.objects.filter(pk=user.pk).update(name=name)
        seen.append(version(user))
    User.objects.filter(pk=other.pk).update(name="Cleo")
    make_expert(user=user)
    assert len(set(seen)) == 4
    assert version(user) == seen[-1]


@pytest.mark.django_db
def test_versions_of_rows_that_are_referred_to(django_assert_num_queries):
    expert = make_expert()
    versions = type(expert).objects.values_list(RowVersion("slug"), RowVersion("user__name"))
    own, of_user = versions.get()
    User.objects.update(name="Renamed")
    with django_assert_num_queries(1):
        assert versions.get()[0] == own
    assert versions.get()[1] != of_user


def test_what_no_row_changes_is_made_once_for_each_language(kitchen):
    words = fragments.by_language(kitchen.make)
    with translation.override("de"):
        german = [words(), words()]
    assert (german, [words(), words()]) == (["part 1"] * 2, ["part 2"] * 2)


def test_what_its_key_says_wholly_is_kept_an_hour(kitchen, monkeypatch):
    now = time.time()
    seen = []
    for later in (0, 61, 3599, 3601):
        monkeypatch.setattr("time.time", lambda at=now + later: at)
        fragments.forget_minute()
        seen.append(fragments.kept_an_hour("card", "all it says", kitchen.make))
    assert seen == ["part 1"] * 3 + ["part 2"]
    fragments.forget_all()
    assert fragments.kept_an_hour("card", "all it says", kitchen.make) == "part 3"


def test_a_page_is_drawn_anew_where_its_data_or_the_day_has_changed(kitchen, monkeypatch):
    now = timezone.now()
    asked = ["as it was", "as it was", "changed", "as it was"]
    assert [fragments.page_kept_an_hour("home", key, kitchen.make)[-1] for key in asked] == list("1121")
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    fragments.forget_minute()
    assert fragments.page_kept_an_hour("home", "as it was", kitchen.make) == "part 3"


@pytest.mark.django_db
def test_a_key_holds_whatever_was_read_of_a_row_and_of_the_rows_read_with_it():
    made = make_expert(headline="Gardens")
    rows = type(made).objects.select_related("user", "market")

    def key():
        return repr(fragments.said({"experts": [rows.get(pk=made.pk)], "size": 8}))

    seen = [key(), key()]
    for change in ({"headline": "Tea"}, {"photo": "abc"}):
        rows.filter(pk=made.pk).update(**change)
        seen.append(key())
    User.objects.filter(pk=made.user_id).update(name="Somebody Else")
    seen.append(key())
    assert seen[0] == seen[1]
    assert len(set(seen)) == 4
