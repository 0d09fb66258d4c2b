"""`manage.py social_import`: a file as docs/social.md describes it."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from social.models import Post, PostSample, ViralMoment

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path, now):
    at = (now - timedelta(hours=9)).isoformat()
    line = {"id": "1", "author": "aiko", "text": "Moss", "created_at": at}
    measured = [(now - timedelta(hours=hours)).isoformat() for hours in (8, 4)]
    lines = [
        line | {"likes": likes, "measured_at": when} for likes, when in zip((60, 300), measured, strict=True)
    ]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join([*map(json.dumps, lines), "no json"]))
    return path


def test_a_file_is_stored_with_its_measurements_and_twice_is_once(market, file, capsys):
    for _time in range(2):
        call_command("social_import", str(file), market=market.slug)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["1 post, 1 new, 1 viral moment", "1 post, 0 new, 0 viral moments"]
    assert printed.err.startswith("left out: 3: no json")
    assert (Post.objects.get().likes, PostSample.objects.count()) == (300, 2)
    assert ViralMoment.objects.get().reason == "growth"


@pytest.mark.parametrize(("name", "slug"), [("nowhere.jsonl", None), (None, "atlantis")])
def test_what_is_not_there_is_said(market, file, name, slug):
    with pytest.raises(CommandError):
        call_command("social_import", name or str(file), market=slug or market.slug)
