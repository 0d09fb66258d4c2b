"""What the assistant's tables refuse, whoever writes to them."""

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from content_assistant.models import Draft, Ruling, Token, Version
from tests.factories import make_inquiry, make_service

pytestmark = pytest.mark.django_db


def refused(act):
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        act()
    assert isinstance(raised.value.__cause__, psycopg.Error)
    return raised.value.__cause__.diag.constraint_name


def test_a_draft_is_about_what_its_tool_is_about(expert, asked):
    draft, service, inquiry = Draft.objects.filter(pk=asked().pk), make_service(expert), make_inquiry(expert)
    for fields in (
        {"service": service},
        {"inquiry": inquiry},
        {"source": draft.get()},
        {"tool": "inquiry"},
        {"tool": "inquiry", "inquiry": inquiry, "service": service},
        {"tool": "translate", "inquiry": inquiry},
    ):
        assert refused(lambda fields=fields: draft.update(**fields)) == "draft_subject"
    draft.update(tool="translate", service=service)


def test_a_draft_in_use_says_since_when(asked):
    draft = Draft.objects.filter(pk=asked().pk)
    assert refused(lambda: draft.update(state="applied")) == "draft_applied"


def test_a_key_makes_one_draft_of_an_expert(expert, asked):
    key = asked().key
    again = {"expert": expert, "tool": "bio", "language": "en", "key": key}
    assert refused(lambda: Draft.objects.create(**again)) == "draft_key"


def test_one_text_of_a_draft_is_written_at_a_time(asked):
    draft = asked()
    assert refused(lambda: Version.objects.create(draft=draft, number=2)) == "version_one_open"
    ended = {"state": "ready", "finished_at": timezone.now()}
    assert refused(lambda: Version.objects.create(draft=draft, number=1, **ended)) == "version_number"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "ready"},
        {"finished_at": "2027-01-01T00:00Z"},
        {"state": "running", "finished_at": "2027-01-01T00:00Z"},
    ],
)
def test_what_is_finished_says_when(asked, fields):
    versions = Version.objects.filter(draft=asked())
    assert refused(lambda: versions.update(**fields)) == "version_finished"


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "approved"},
        {"decided_at": "2027-01-01T00:00Z"},
        {"decision": "maybe", "decided_at": "2027-01-01T00:00Z"},
    ],
)
def test_a_ruling_is_decided_with_its_time(asked, fields):
    version = asked().versions.get()
    assert refused(lambda: Ruling.objects.create(version=version, verdicts=[], **fields)) == "ruling_decided"


def test_a_person_has_one_token(expert):
    Token.objects.create(user=expert.user, digest="a")
    assert "user" in refused(lambda: Token.objects.create(user=expert.user, digest="b"))
