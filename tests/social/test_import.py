"""`manage.py social_import`: a file as docs/social.md describes it."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from social import rounds, tasks
from social.models import Monitor, Post, PostSample, Run, Trend, ViralMoment
from tests.social.rows import make_run
from tests.worker import run_jobs

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


def test_what_was_imported_leads_to_trends_and_leads_once(market, file, settings, now):
    settings.SOCIAL_SOURCE = "none"
    lines = [
        {"id": f"w{number}", "author": "mei", "text": f"Night market skewers {number}", "likes": 700,
         "followers": 12_000, "created_at": (now - timedelta(days=number, hours=1)).isoformat()}
        for number in range(4)
    ]  # fmt: skip
    lines += [line | {"id": f"o{place}", "author": f"other{place}"} for place, line in enumerate(lines)]
    file.write_text("\n".join(map(json.dumps, lines)))
    call_command("social_import", str(file), market=market.slug)
    assert run_jobs() == 1
    run = Run.objects.get()
    assert (run.state, run.source, run.posts_new, run.leads) == ("done", "file", 8, 1)
    assert Trend.objects.exists()
    call_command("social_import", str(file), market=market.slug)
    tasks.ask_for_rounds()
    assert (run_jobs(), Run.objects.count()) == (0, 1)


def test_an_import_beside_a_round_is_seen_to_after_it(market, file, settings):
    settings.SOCIAL_SOURCE = "none"
    long_ago = timezone.now() - timedelta(days=1)
    open_one = make_run(market, slot=long_ago, started_at=long_ago, state="read")
    call_command("social_import", str(file), market=market.slug)
    assert run_jobs() == 0
    rounds.give_up(open_one.pk)
    tasks.ask_for_rounds()
    assert (run_jobs(), Monitor.objects.get().unread) == (1, 0)


@pytest.mark.parametrize(("name", "slug"), [("nowhere.jsonl", None), (None, "atlantis")])
def test_what_is_not_there_is_said(market, file, name, slug):
    with pytest.raises(CommandError):
        call_command("social_import", name or str(file), market=slug or market.slug)
