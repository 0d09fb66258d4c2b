import pytest
from django.core import mail
from django.urls import reverse

from accounts import audit
from bookings.models import Inquiry, Message
from bookings.services import send_inquiry
from experts.models import Expert
from jobs.models import Job
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.threads import at_once
from tests.worker import run_jobs
from travelers.models import Trip

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
BIG = "9" * 30


@pytest.fixture
def expert():
    return make_expert(name="Mei Tanaka")


@pytest.fixture
def traveler(client):
    user = make_user("Rosa Traveler")
    client.force_login(user)
    return user


def address(expert, **query):
    return reverse("bookings:inquire", args=[expert.slug], query=query)


def sign_in(client, user, page):
    """From the sign-in page to the page that it leads back to."""
    return client.post(page, {"login": user.email, "password": PASSWORD}, follow=True)


def test_an_inquiry_is_stored_noted_and_mailed(client, traveler, expert):
    trip = make_trip(expert.market, traveler=traveler)
    response = client.post(address(expert), {"trip": trip.pk, "message": "Could you show us gardens?"})
    assert response.url == reverse("bookings:inquiry_sent", args=[expert.slug], query={"trip": trip.pk})
    inquiry = Inquiry.objects.get()
    assert (inquiry.traveler, inquiry.expert, inquiry.trip) == (traveler, expert, trip)
    assert inquiry.messages.get().body == "Could you show us gardens?"
    assert [event.action for event in audit.history(inquiry)] == ["inquiry.sent"]
    assert run_jobs() == 1
    assert [sent.to for sent in mail.outbox] == [[expert.user.email]]


def test_a_double_click_is_one_inquiry_and_one_mail(client, traveler, expert):
    for _ in range(2):
        assert client.post(address(expert), {"message": "Line one\r\nline two"}).status_code == 302
    assert Inquiry.objects.count() == 1
    run_jobs()
    assert len(mail.outbox) == 1


def test_a_second_message_is_not_swallowed_but_given_back(client, traveler, expert):
    client.post(address(expert), {"message": "My first words"})
    response = client.post(address(expert), {"message": "One thing more"})
    form = response.context["form"]
    assert form["message"].errors[0].startswith("You wrote to Mei Tanaka about this on ")
    assert form["message"].value() == "One thing more"
    assert Message.objects.get().body == "My first words"


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_are_one_inquiry_and_one_job(expert):
    user = make_user()
    sent = at_once(lambda: send_inquiry(by=user, expert=expert, trip=None, message="Hello").pk)
    assert set(sent) == {Inquiry.objects.get().pk}
    assert Job.objects.count() == 1


def test_another_trip_starts_another_thread(client, traveler, expert):
    for trip in (make_trip(traveler=traveler), make_trip(traveler=traveler)):
        client.post(address(expert), {"trip": trip.pk, "message": "Hello"})
    assert Inquiry.objects.count() == 2


def test_inquiries_outlive_their_trips(client, traveler, expert):
    """Also several to one expert, beside one that was never about a trip."""
    for trip in (make_trip(traveler=traveler), make_trip(traveler=traveler), None):
        send_inquiry(by=traveler, expert=expert, trip=trip, message=f"About {trip}")
    said = list(Message.objects.order_by("pk").values_list("body", flat=True))
    for trip in Trip.objects.filter(traveler=traveler):
        trip.delete()
    kept = Inquiry.objects.order_by("pk").values_list("messages__body", "trip", "general")
    assert list(kept) == list(zip(said, [None] * 3, [False, False, True], strict=True))


def test_who_deleted_a_trip_can_write_about_none_and_about_another(client, traveler, expert):
    send_inquiry(by=traveler, expert=expert, trip=make_trip(traveler=traveler), message="About Kyoto")
    Trip.objects.all().delete()
    another = make_trip(traveler=traveler)
    for trip in (None, None, another, another):
        client.post(address(expert), {"trip": trip.pk if trip else "", "message": f"About {trip}"})
    said = list(Message.objects.order_by("pk").values_list("body", flat=True))
    assert said == ["About Kyoto", "About None", f"About {another}"]


def test_the_trip_one_comes_from_is_chosen_and_shown(client, traveler, expert):
    make_trip(traveler=traveler)
    trip = make_trip(expert.market, traveler=traveler)
    response = client.get(address(expert, trip=trip.pk))
    assert response.context["trip"] == trip
    assert f'<option value="{trip.pk}" selected>' in response.content.decode()


def test_only_ones_own_trips_are_offered(client, traveler, expert):
    make_trip(make_market("Lisbon"), traveler=make_user())
    html = client.get(address(expert)).content.decode()
    assert "No trip in particular" in html
    assert "Lisbon" not in html


@pytest.mark.parametrize("number", ["", "x", "-1", "\0", "1.5", "²", BIG, "1 OR 1=1"])
def test_a_number_that_is_no_trip_chooses_none(client, traveler, expert, number):
    make_trip(traveler=traveler)
    response = client.get(address(expert, trip=number))
    assert (response.status_code, response.context["trip"]) == (200, None)


def test_somebody_elses_trip_is_not_shown(client, traveler, expert):
    trip = make_trip(make_market("Lisbon"), traveler=make_user())
    for url in (address(expert), reverse("bookings:inquiry_sent", args=[expert.slug])):
        response = client.get(url, {"trip": trip.pk})
        assert response.context["trip"] is None
        assert "Lisbon" not in response.content.decode()


@pytest.mark.parametrize("number", ["x", "\0", "-1", BIG, "1.5"])
def test_a_trip_that_is_none_is_named_at_its_field(client, traveler, expert, number):
    response = client.post(address(expert), {"trip": number, "message": "Hello"})
    assert list(response.context["form"].errors) == ["trip"]
    assert "Hello" in response.content.decode()


def test_nobody_writes_about_somebody_elses_trip(client, traveler, expert):
    trip = make_trip(traveler=make_user())
    response = client.post(address(expert), {"trip": trip.pk, "message": "Hello"})
    assert list(response.context["form"].errors) == ["trip"]
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("message", ["", "   ", "null\0byte", "x" * 10_000])
def test_a_message_that_cannot_be_sent_is_kept_on_the_page(client, traveler, expert, message):
    response = client.post(address(expert), {"message": message})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["message"]
    assert response.context["form"]["message"].value() == message


@pytest.mark.parametrize(
    "message",
    [
        "🍜 ramen & 🎏 koi?",
        "أريد جولة في المدينة القديمة",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "{{ 7|add:7 }} {% now 'Y' %} %s %(name)s",
        "Line one\nSubject: line two",
        "y" * 4000,
    ],
)
def test_any_words_arrive_as_they_were_typed(client, traveler, expert, message):
    client.post(address(expert), {"message": message})
    assert Message.objects.get().body == message
    run_jobs()
    (sent,) = mail.outbox
    assert message in sent.body
    assert sent.subject == "Rosa Traveler asks about a trip"


def test_html_in_a_message_is_text_on_the_page(client, traveler, expert):
    html = client.post(address(expert), {"trip": "x", "message": "<b>bold</b>"}).content.decode()
    assert "&lt;b&gt;bold" in html
    assert "<b>bold" not in html


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: all@example.com", "Eve\n\nBody", "Eve\u2028Cc: x", "Eve\x0bX: y"]
)
def test_a_name_cannot_add_lines_to_the_head_of_a_mail(name, expert):
    send_inquiry(by=make_user(name), expert=expert, trip=None, message="Hello")
    run_jobs()
    (sent,) = mail.outbox
    assert sent.subject == f"{' '.join(name.split())} asks about a trip"
    assert list(sent.recipients()) == [expert.user.email]


def test_the_mail_says_who_writes_what_and_when_the_trip_is(traveler, expert):
    trip = make_trip(make_market("Kyoto"), traveler=traveler, start=None, flexible_month="2027-04-01", days=5)
    words = "Do you know a <quiet> garden & pond?"
    inquiry = send_inquiry(by=traveler, expert=expert, trip=trip, message=words)
    run_jobs()
    letter, footer = mail.outbox[0].body.split("\n\n-- \n")
    assert letter == (
        "Hello Mei Tanaka,\n\n"
        "Rosa Traveler wrote to you:\n\n"
        "Do you know a <quiet> garden & pond?\n\n"
        "The trip: Kyoto, 5 days in April 2027\n\n"
        "Nothing is booked or paid yet.\n\n"
        f"Read and answer: http://localhost:8000/inquiries/{inquiry.pk}/\n\n"
        "Your Traveloure team"
    )
    assert footer.startswith("Notices of the kind “A message for you” reach you by e-mail at once.\n")


def test_an_account_deleted_before_the_mail_went_out_is_no_failure(expert):
    send_inquiry(by=make_user(), expert=expert, trip=None, message="Hello")
    expert.user.delete()
    run_jobs()
    assert ([job.state for job in Job.objects.all()], mail.outbox) == (["done"], [])


@pytest.mark.parametrize(("hours", "said"), [(24, False), (3, True)])
def test_no_time_to_an_answer_is_promised_that_was_not_measured(client, hours, said):
    page = client.get(reverse("bookings:inquiry_sent", args=[make_expert(response_hours=hours).slug]))
    assert ("Answers usually come within" in page.content.decode()) is said


@pytest.mark.parametrize("fields", [{"status": status} for status in ("draft", "submitted", "suspended")])
@pytest.mark.parametrize("view", ["inquire", "inquiry_sent"])
def test_an_expert_who_is_not_public_cannot_be_written_to(client, traveler, fields, view):
    expert = make_expert(**fields)
    url = reverse(f"bookings:{view}", args=[expert.slug])
    assert [client.get(url).status_code, client.head(url).status_code] == [404, 404]


@pytest.mark.parametrize("closed", [{"status": "paused"}, {"accepting_clients": False}])
def test_an_expert_who_takes_nobody_says_so_and_the_typed_words_are_kept(client, traveler, expert, closed):
    Expert.objects.update(**closed)
    empty = client.get(address(expert)).content.decode()
    assert "Mei Tanaka takes no new clients at present" in empty
    assert "was not sent" not in empty
    for answer in (
        client.post(address(expert), {"message": "Gardens & <tea>?"}),
        client.get(address(expert)),
    ):
        page = answer.content.decode()
        assert "Your message was not sent." in page
        assert "Gardens &amp; &lt;tea&gt;?" in page
    assert not Inquiry.objects.exists()


def test_they_stand_in_the_form_once_the_expert_is_back(client, traveler, expert):
    Expert.objects.update(status="paused")
    client.post(address(expert), {"message": "Gardens?"})
    Expert.objects.update(status="active")
    assert client.get(address(expert)).context["form"]["message"].value() == "Gardens?"
    assert client.post(address(expert), {"message": "Gardens?"}).status_code == 302


def test_an_expert_who_pauses_while_somebody_signs_in_costs_nobody_their_words(client, expert):
    sign_in_page = client.post(address(expert), {"message": "Gardens?"}).url
    Expert.objects.update(status="paused")
    page = sign_in(client, make_user(), sign_in_page).content.decode()
    assert ("Your message was not sent." in page, "Gardens?" in page) == (True, True)


def test_a_visitor_signs_in_first_and_comes_back(client, expert):
    response = client.get(address(expert, trip=3))
    page = client.get(response.url)
    assert page.status_code == 200
    back = sign_in(client, make_user(), response.url)
    assert back.request["PATH_INFO"] == reverse("bookings:inquire", args=[expert.slug])
    assert back.request["QUERY_STRING"] == "trip=3"


def test_what_was_typed_survives_the_end_of_the_session(client, expert):
    user = make_user()
    trips = [make_trip(traveler=user) for _ in range(2)]
    sign_in_page = client.post(address(expert), {"trip": trips[0].pk, "message": "A long <letter>"}).url
    assert not Inquiry.objects.exists()
    form = sign_in(client, user, sign_in_page).context["form"]
    assert form["message"].value() == "A long <letter>"
    assert f'<option value="{trips[0].pk}" selected>' in str(form["trip"])


@pytest.mark.parametrize("message", ["null\0byte", "x" * 12_000, "🎏" * 500])
def test_an_unsendable_message_survives_the_sign_in_too(client, expert, message):
    page = client.post(address(expert), {"message": message}).url
    form = sign_in(client, make_user(), page).context["form"]
    assert form["message"].value() == message[:10_000]


def test_what_was_typed_is_forgotten_once_sent_and_only_for_this_expert(client, expert):
    page = client.post(address(expert), {"message": "For Mei alone"}).url
    sign_in(client, make_user(), page)
    assert "For Mei alone" not in client.get(address(make_expert())).content.decode()
    client.post(address(expert), {"message": "For Mei alone"})
    assert "For Mei alone" not in client.get(address(expert)).content.decode()


def test_a_trip_described_before_signing_in_can_be_written_about(client, expert):
    trip = make_trip()
    session = client.session
    session["trips"] = [trip.pk]
    session.save()
    page = client.post(address(expert), {"trip": trip.pk, "message": "Hello"}).url
    sign_in(client, user := make_user(), page)
    client.post(address(expert), {"trip": trip.pk, "message": "Hello"})
    assert (Inquiry.objects.get().trip, Inquiry.objects.get().traveler) == (trip, user)


@pytest.mark.parametrize("size", [1, 3])
def test_the_form_takes_as_many_queries_for_one_trip_as_for_many(
    client, traveler, expert, size, django_assert_num_queries
):
    trips = [make_trip(traveler=traveler) for _ in range(size)]
    with django_assert_num_queries(5):
        client.get(address(expert, trip=trips[0].pk))
