"""Rows of every kind that staff see, made together, so that lists have something to show."""

from datetime import timedelta
from uuid import uuid4

from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.audit import record
from accounts.models import Archive, NoticeMail
from accounts.notices.telling import tell
from bookings import ledger, threads
from bookings.models import (
    Attachment,
    Block,
    Departure,
    Dispute,
    IdempotencyKey,
    Offer,
    Proposal,
    WaitlistEntry,
)
from content_assistant.models import Draft, Ruling, Version
from experts.calendar.models import CalendarFeed
from experts.models import Application, Expert, Favourite, Specialty
from jobs.models import Effect, Job
from llm.models import Call, CallText, Disclosure
from markets.models import ExchangeRate
from matching.models import AlgorithmVersion, Exposure, Factor, Feedback, MatchReceipt, MatchRun, MatchScore
from tests import factories
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_market,
    make_message,
    make_offer,
    make_review,
    make_service,
    make_traveler_review,
    make_trip,
    make_user,
    numbers,
)
from tests.social.rows import make_social
from travelers.models import TravelerProfile

QUOTE = {"kind": "review", "source": 1, "text": "She knows every garden."}
EVIDENCE = {
    "expertise": {"skills": [], "words": ["garden"], "pool": 3, "works": 0, "quote": QUOTE},
    "communication": {
        "asked": ["en"],
        "language": "en",
        "level": 7,
        "style": "friendly",
        "wanted_style": "",
        "hours": 5.0,
        "rating": None,
        "ratings": 0,
    },
    "budget": {
        "amount": 90.0,
        "currency": "USD",
        "price_min": 80,
        "price_max": 120,
        "rating": None,
        "ratings": 0,
    },
    "availability": {"days": 5, "free": 5, "people": 2, "group_size_max": 6, "hours_apart": 0},
    "trust": {
        "rating": None,
        "ratings": 0,
        "completed": 0,
        "repeat_clients": 0,
        "verified": True,
        "years": 1.5,
        "trend": 0.5,
    },
}


REVIEW = {
    "first": {"rank": 2, "score": 775},
    "model": "grok-4.3",
    "ratings": {
        "expertise": {"given": [3, 3], "quote": "old streets", "source": "bio", "shift": 50},
        "communication": {"given": [2], "quote": "", "source": "", "shift": 0},
    },
    "reasoning": "Walks the streets that the brief asks for.",
    "strengths": [{"text": "Knows the old town", "evidence": "bio"}],
    "considerations": [{"text": "Has no car", "evidence": "bio"}],
    "dropped": [{"what": "strength", "why": "no such quote", "text": "Speaks Ainu"}],
}
CHANGES = [
    ["dates", {"days": 3, "first": "2027-04-04", "end": "2027-04-08", "score": 845}],
    ["budget", {"total": 1200, "currency": "USD", "score": 830}],
]


def make_specialty():
    number = next(numbers)
    return Specialty.objects.create(
        slug=f"specialty-{number}", name=f"Specialty {number}", group="group", group_name="Group"
    )


def make_score(run, expert, rank=1, **fields):
    """80 of 100 in every factor, so 80 points in all."""
    points = dict(zip(Factor.values, (280, 160, 120, 120, 120), strict=True))
    parts = {f"{name}_value": 800 for name in points} | {f"{name}_points": points[name] for name in points}
    place = {"position": None if fields.get("hidden") else rank}
    return MatchScore.objects.create(
        run=run, expert=expert, rank=rank, **{"score_tenths": 800} | parts | place | fields
    )


def make_ranking(trip, expert):
    done = {"state": MatchRun.State.DONE, "finished_at": timezone.now(), "compute_ms": 12, "shown": 1}
    run = factories.make_run(trip, candidates=1, **done)
    score = make_score(run, expert)
    considerations = [("new", EVIDENCE["trust"])]
    strengths = [("free", EVIDENCE["availability"])]
    MatchReceipt.objects.create(
        score=score,
        evidence=EVIDENCE,
        strengths=strengths,
        considerations=considerations,
        review=REVIEW,
        changes=CHANGES,
    )
    make_exposure(score)
    Feedback.objects.create(
        score=score,
        side="traveler",
        factor="expertise",
        text="She knows little of this.",
        author=trip.traveler,
    )
    return run


def make_exposure(score, **fields):
    """Of a score that was seen where it stands."""
    where = {"position": score.position, "base_position": score.position, "seen_at": timezone.now()}
    return Exposure.objects.create(run=score.run, score=score, **{"propensity": 1.0} | where | fields)


def make_version(**fields):
    """A draft, weighed as the first version is."""
    weights = dict(zip(AlgorithmVersion.WEIGHTS, (350, 200, 150, 150, 150), strict=True))
    return AlgorithmVersion.objects.create(
        **{"name": f"test-{next(numbers)}", "reason": "To try."} | weights | fields
    )


def make_rows():
    """One more row in every list of the admin."""
    specialty, staff = make_specialty(), make_user(is_staff=True)
    staff.groups.set(Group.objects.all())
    TOTP.activate(staff, "JBSWY3DPEHPK3PXP")
    expert = make_expert(status=Expert.Status.SUBMITTED, specialties={specialty.slug: 3})
    make_service(expert, form_key=uuid4())
    expert.verifications.create(kind="identity", checked_by=staff, note="Passport seen.")
    expert.photos.create(
        token=f"token-{expert.pk}", digest="0" * 64, caption="A walk", position=1, width=4, height=3
    )
    Application.objects.create(user=make_user(), answers={})
    expert.unavailable.create(days=("2026-12-01", "2026-12-05"))
    _calendar(expert)
    record(action="expert.submit", target=expert, by=expert.user)
    traveler = make_user()
    TravelerProfile.objects.create(user=traveler, languages=["en"]).interests.add(specialty)
    trip = make_trip(make_market(), interests=[specialty.slug], traveler=traveler)
    make_ranking(trip, expert)
    make_version(created_by=staff)
    make_thread(expert, traveler, trip)
    WaitlistEntry.objects.create(market=trip.destination, email=traveler.email, trip=trip)
    Favourite.objects.create(user=traveler, expert=expert)
    make_money(expert, traveler)
    make_booking(expert, traveler, trip=trip)
    make_review(expert, traveler)
    make_traveler_review(expert, traveler)
    make_call(traveler)
    make_ruling(expert)
    archive = Archive.objects.create(user=traveler, asked_by=traveler)
    archive.parts.create(number=0, data=b"PK")
    make_notice_mail(traveler)
    make_social(staff)
    _operations()


def _calendar(expert):
    expert.weekly_hours.create(weekday=0, opens=540, closes=1020)
    days = ("2026-12-01", "2026-12-05")
    expert.calendar_exceptions.create(kind="blocked", days=days, opens=540, closes=600)
    CalendarFeed.objects.create(expert=expert, address=f"{next(numbers):043}")
    source = expert.calendar_sources.create(name="Private", content="x", fingerprint="x")
    now = timezone.now()
    source.events.create(start=now, end=now + timedelta(hours=1), title="Dentist")


def make_thread(expert, traveler, trip):
    """With an offer that answers another, a file, a report, and a block of somebody else."""
    inquiry = make_inquiry(expert, traveler, trip=trip)
    old, new = make_offer(inquiry), make_offer(inquiry, "traveler")
    Offer.objects.filter(pk=old.pk).update(state="countered")
    Offer.objects.filter(pk=new.pk).update(counters=old)
    message = make_message(inquiry, "expert")
    attachment = Attachment(message=message, name="map.pdf", kind="application/pdf", size=8)
    attachment.file.save("", ContentFile(b"%PDF-1.7"))
    threads.report(inquiry=inquiry, message=message, by=traveler, reason="rude", text="Not kind.")
    Block.objects.create(by=traveler, whom=make_user())


def make_money(expert, traveler):
    """A seat of a departure that was paid for, and another time that is proposed for it."""
    tour = make_service(expert, shared=True)
    days = make_booking(expert).period
    booking = make_booking(
        expert,
        traveler,
        departure=Departure.objects.create(expert=expert, service=tour, period=days, occupied=days, seats=6),
        period=(days.lower, days.upper),
        state="confirmed",
    )
    ledger.agree(booking)
    later = timezone.now() + timedelta(days=1)
    Proposal.objects.create(booking=booking, by=traveler, period=days, expires_at=later)
    answer = {"answer_type": booking._meta.label_lower, "answer_id": booking.pk}
    Dispute.objects.create(booking=booking, side="traveler", reason="money", text="I paid twice.")
    IdempotencyKey.objects.create(user=traveler, key="one", body="0" * 64, **answer)


def make_ruling(expert=None, text="Write to mei@example.com before you come.", **fields):
    """A text of a model's that was held because of an address in it."""
    draft = Draft.objects.create(
        expert=expert or make_expert(), tool="bio", language="en", key=f"draft-{next(numbers)}"
    )
    version = Version.objects.create(
        draft=draft,
        number=1,
        state="held",
        origin="model",
        text=text,
        prompt_version=1,
        model="grok-4.3",
        finished_at=timezone.now(),
    )
    span = "mei@example.com"
    found = {"place": "", "reason": "contact", "start": text.find(span), "span": span, "detail": "email"}
    return Ruling.objects.create(version=version, verdicts=[found], **fields)


def make_notice_mail(user):
    """One that failed. Its job is not queued: rows are looked at here, not worked on."""
    tell(
        user=user, kind="booking.confirmed", key="booking-1", facts={"who": "Mei Tanaka"}, url="/bookings/1/"
    )
    Job.objects.filter(state=Job.State.QUEUED).delete()
    NoticeMail.objects.update(state=NoticeMail.State.FAILED, error="The server is away.")


def make_call(user, **fields):
    """Answered, paid for, and about the one who asked."""
    done = {
        "allowance": "user",
        "purpose": "drafting",
        "prompt": "experts.bio",
        "prompt_version": 1,
        "route": "xai/grok-4.3",
        "model": "grok-4.3",
        "state": Call.State.ANSWERED,
        "usage_state": Call.UsageState.REPORTED,
        "input_tokens": 900,
        "output_tokens": 200,
        "charged_ticks": 12_000_000,
        "computed_ticks": 12_000_000,
        "finished_at": timezone.now(),
        "duration_ms": 1800,
    }
    call = Call.objects.create(user=user, **done | fields)
    later = timezone.now() + timedelta(days=30)
    CallText.objects.create(call=call, prompt="Write a bio.", answer="I cook.", kept_until=later)
    if user:
        told = {"purpose": "drafting", "provider": "xai", "replaced": {"email": 1}}
        Disclosure.objects.create(user=user, call=call, **told)
    return call


def _operations():
    number = next(numbers)
    Job.objects.create(
        kind="matching.tasks.match_trip",
        args={"run_id": number},
        queue="default",
        state=Job.State.DEAD,
        attempts=5,
        max_attempts=5,
        lease=timedelta(seconds=60),
        finished_at=timezone.now(),
    )
    Effect.objects.create(key=f"mail-{number}", state=Effect.State.UNKNOWN)
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name=f"sweep {number}", task="jobs.tasks.sweep", interval=every)
    code = f"Q{chr(66 + number // 26 % 25)}{chr(65 + number % 26)}"  # no currency begins with Q but the Qatari riyal
    ExchangeRate.objects.create(currency=code, per_usd=2, as_of=timezone.localdate())
