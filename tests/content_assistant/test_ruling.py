"""What our team does with texts that were held back, and what experts hear of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from accounts import audit
from accounts.errors import DomainError
from accounts.models import Notice
from accounts.notices.kinds import words_of
from content_assistant import drafting, ruling
from content_assistant.models import Draft, Ruling, Version
from content_assistant.tools import TOOLS
from tests.admin.rows import make_ruling
from tests.content_assistant.core import tool
from tests.factories import make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    monkeypatch.setitem(TOOLS, "bio", next(one for one in tool.TOOLS if one.name == "bio"))


@pytest.fixture
def held(db):
    return make_ruling()


@pytest.fixture
def rita(db):
    return reviewer("Rita")


def reviewer(name):
    from django.contrib.auth.models import Group

    user = make_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewer"))
    return user


def now(row):
    return type(row).objects.get(pk=row.pk)


def trail(row):
    return [event.action for event in audit.history(row).order_by("pk")]


def notice(row):
    return Notice.objects.get(user=row.version.draft.expert.user)


def later(row, minutes):
    Ruling.objects.filter(pk=row.pk).update(claimed_at=timezone.now() - timedelta(minutes=minutes))


MOVES = {
    "claim": ruling.claim,
    "release": ruling.release,
    "approve": ruling.approve,
    "reject": lambda **who: ruling.reject(reason="No addresses.", **who),
    "edit": lambda **who: ruling.edit(text="Come and see.", reason="No addresses.", **who),
}
every_move = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)


def test_what_is_approved_is_ready_and_the_expert_can_go_on(held, rita):
    ruling.approve(ruling=held, by=rita)
    version = now(held.version)
    assert version.state == "ready"
    assert drafting.newest_ready(version.draft) == version
    assert (now(held).decision, now(held).decided_by) == ("approved", rita)
    assert trail(held) == ["ruling.approved"]


def test_machine_and_person_are_kept_apart(held, rita):
    said = held.verdicts
    ruling.reject(ruling=held, by=rita, reason="No addresses, please.")
    kept = now(held)
    assert (kept.verdicts, kept.decision, kept.reason) == (said, "rejected", "No addresses, please.")
    assert now(held.version).state == "rejected"


def test_an_edit_is_a_version_of_its_own_and_what_was_held_stays_as_it_was(held, rita):
    ruling.edit(ruling=held, by=rita, text="Come and see 12 gardens.\r\n", reason="No addresses.")
    old, new = Version.objects.filter(draft=held.version.draft).order_by("number")
    assert (old.state, old.text) == ("rejected", held.version.text)
    assert (new.state, new.origin, new.text) == ("ready", "staff", "Come and see 12 gardens.")
    assert drafting.newest_ready(new.draft) == new
    # Whether it is true, only the expert knows.
    assert [(claim["what"], claim["confirmed"]) for claim in new.claims] == [(["number"], False)]


def test_an_edit_is_as_stale_as_what_it_was_made_of(held, rita):
    Version.objects.filter(pk=held.version_id).update(facts="of then")
    ruling.edit(ruling=held, by=rita, text="Come and see.", reason="x")
    assert Version.objects.get(draft=held.version.draft, number=2).facts == "of then"


@pytest.mark.parametrize("text", ["", " \n", "Write to mei@example.com before you come.", "x" * 40_001])
def test_an_edit_changes_something(held, rita, text):
    with pytest.raises(DomainError):
        ruling.edit(ruling=held, by=rita, text=text, reason="x")
    assert now(held.version).state == "held"


def test_what_stands_in_a_plan_beside_the_text_is_not_edited_past(held, rita):
    Version.objects.update(data={"days": [{"note": "Write to mei@example.com"}]})
    with pytest.raises(DomainError, match="beside the text"):
        ruling.edit(ruling=held, by=rita, text="Come and see.", reason="x")
    assert not ruling.can_edit(now(held))


@pytest.mark.parametrize("reason", ["", "  "])
def test_whoever_says_no_says_why(held, rita, reason):
    for move, more in ((ruling.reject, {}), (ruling.edit, {"text": "Come and see."})):
        with pytest.raises(DomainError, match="Say why"):
            move(ruling=held, by=rita, reason=reason, **more)
    assert (now(held).decision, now(held.version).state) == ("", "held")


@pytest.mark.parametrize(
    ("name", "said"), [("reject", "not approved"), ("edit", "edited and ready"), ("approve", "ready")]
)
def test_the_expert_hears_of_it_with_the_reason_and_where_to_read_on(held, rita, name, said):
    MOVES[name](ruling=held, by=rita)
    told = notice(held)
    words = words_of(told)
    assert said in words.title
    assert "bio" in words.title
    assert words.quote == ("" if name == "approve" else "No addresses.")
    assert told.url == f"/expert/assistant/{held.version.draft_id}/"
    with translation.override("de"):
        assert words_of(told).title


def test_who_takes_a_text_has_it_to_themselves_for_half_an_hour(held, rita):
    ruling.claim(ruling=held, by=rita)
    for move in MOVES.values():
        with pytest.raises(DomainError, match="Rita is looking"):
            move(ruling=held, by=reviewer("Sam"))
    later(held, 29)
    assert ruling.holder(now(held)) == rita
    later(held, 31)
    sam = reviewer("Sam")
    assert ruling.claim(ruling=held, by=sam).claimed_by == sam
    with pytest.raises(DomainError, match="Sam is looking"):
        ruling.approve(ruling=held, by=rita)


def test_taking_it_again_starts_the_half_hour_anew(held, rita):
    ruling.claim(ruling=held, by=rita)
    later(held, 25)
    ruling.claim(ruling=held, by=rita)
    assert now(held).claimed_at > timezone.now() - timedelta(minutes=1)


def test_what_is_put_back_is_free_and_putting_it_back_twice_is_once(held, rita):
    ruling.claim(ruling=held, by=rita)
    ruling.release(ruling=held, by=rita)
    ruling.release(ruling=held, by=rita)
    assert ruling.holder(now(held)) is None
    assert trail(held) == ["ruling.claim", "ruling.release"]
    ruling.approve(ruling=held, by=reviewer("Sam"))


@every_move
def test_nobody_moves_their_own_text(held, move):
    from django.contrib.auth.models import Group

    author = held.version.draft.expert.user
    author.groups.add(Group.objects.get(name="Reviewer"))
    with pytest.raises(PermissionDenied):
        move(ruling=held, by=author)
    author.is_superuser = True
    author.save()
    with pytest.raises(PermissionDenied):
        move(ruling=held, by=author)


@every_move
def test_who_may_not_decide_moves_nothing(held, move):
    with pytest.raises(PermissionDenied):
        move(ruling=held, by=make_user(is_staff=True))
    assert (now(held).claimed_by, now(held).decision) == (None, "")


@every_move
@pytest.mark.parametrize("first", ["approve", "reject", "edit"])
def test_what_is_decided_stays_decided(held, rita, first, move):
    MOVES[first](ruling=held, by=rita)
    decided = now(held).decision
    with pytest.raises(DomainError, match="already"):
        move(ruling=held, by=rita)
    assert now(held).decision == decided
    assert Notice.objects.count() == 1


def test_a_text_that_went_with_its_draft_is_no_more_to_decide(held, rita):
    Draft.objects.all().delete()
    with pytest.raises(Draft.DoesNotExist):
        ruling.approve(ruling=held, by=rita)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_it_at_once_one_has_it():
    held, staff = make_ruling(), [reviewer(f"R{number}") for number in range(4)]

    def take():
        try:
            return ruling.claim(ruling=held, by=staff.pop()).claimed_by
        except DomainError:
            return None

    took = [user for user in at_once(take, 4) if user]
    assert took == [now(held).claimed_by]
