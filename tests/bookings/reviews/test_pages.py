"""The pages of reviews: form, reply, profile and lists, for the sides of a booking alone."""

import pytest
from django.urls import reverse

from bookings.models import Review, TravelerReview
from tests.bookings.reviews.test_writing import by_expert, by_traveler, completed_ago
from tests.bookings.test_reviews import STARS
from tests.factories import make_booking, make_expert, make_review, make_traveler_review, make_user
from tests.pages import form_answers, signed_in

pytestmark = pytest.mark.django_db
ANSWERS = dict.fromkeys(STARS, "4") | {"text": "Everything went as we had hoped."}


@pytest.fixture
def booking():
    return make_booking(make_expert(name="Mei Tanaka"), make_user("Rosa Traveler"))


@pytest.fixture
def rosa(booking):
    return signed_in(booking.traveler)


@pytest.fixture
def mei(booking):
    return signed_in(booking.expert.user)


def address(booking, name="review"):
    return reverse(f"bookings:{name}", args=[booking.pk])


def html(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_traveler_writes_with_sub_ratings_and_may_change_it(rosa, booking):
    assert rosa.post(address(booking), ANSWERS).headers["Location"] == address(booking)
    review = Review.objects.get()
    assert (review.rating, review.flexibility, review.state) == (4, 4, "waiting")
    assert form_answers(html(rosa, address(booking)))["text"] == [ANSWERS["text"]]
    rosa.post(address(booking), ANSWERS | {"rating": "5"})
    assert Review.objects.get().rating == 5


def test_the_expert_writes_without_them(mei, booking):
    assert "Responsiveness" not in html(mei, address(booking))
    mei.post(address(booking), {"rating": "5", "text": "Always on time."})
    assert TravelerReview.objects.get().traveler == booking.traveler


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": ""},
        {"rating": "6"},
        {"value": "0"},
        {"text": "Short"},
        {"text": "long " * 900},
        {"knowledge": "x"},
    ],
    ids=str,
)
def test_a_wrong_answer_keeps_what_was_typed(rosa, booking, wrong):
    page = rosa.post(address(booking), ANSWERS | wrong).content.decode()
    assert "needs another look" in page
    assert form_answers(page)["text"][0].strip() == (ANSWERS | wrong)["text"].strip()
    assert not Review.objects.exists()


def test_what_everybody_reads_names_no_way_to_reach_anybody(rosa, mei, booking):
    written = ANSWERS | {"text": "Wonderful walks. Write to rosa@example.org."}
    page = rosa.post(address(booking), written).content.decode()
    assert "leave out “rosa@example.org” (e-mail address)" in page
    assert written["text"] in page
    assert not Review.objects.exists()
    make_review(booking.expert, booking=booking)
    mei.post(address(booking, "review_reply"), {"reply": "Come again, call +44 7700 900123."})
    assert Review.objects.get().reply == ""


def test_what_is_too_late_keeps_what_was_typed(rosa, booking):
    completed_ago(booking, days=31)
    assert "That time is over" in html(rosa, address(booking))
    page = rosa.post(address(booking), ANSWERS).content.decode()
    assert ANSWERS["text"] in page


def test_a_session_that_ended_keeps_what_was_typed(client, booking):
    answer = client.post(address(booking), ANSWERS)
    assert answer.headers["Location"].startswith(reverse("account_login"))
    client.force_login(booking.traveler)
    assert form_answers(html(client, address(booking))) == {name: [value] for name, value in ANSWERS.items()}


def test_before_it_is_completed_there_is_no_form():
    booking = make_booking(make_expert(), state="confirmed")
    page = html(signed_in(booking.traveler), address(booking))
    assert "once the booking is completed" in page
    assert "<textarea" not in page


@pytest.mark.parametrize("name", ["review", "review_reply", "guest_reviews"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_and_other_experts_find_nothing(booking, name, method):
    by_traveler(booking)
    by_expert(booking)
    for user in (make_user(), make_expert().user, make_user(is_staff=True)):
        answer = getattr(signed_in(user), method)(address(booking, name), ANSWERS)
        assert answer.status_code in {404, 405}
    assert Review.objects.get().reply == ""


def test_neither_reads_the_other_before_both_are_published(rosa, mei, booking):
    by_traveler(booking, text="A secret opinion of mine.")
    assert "secret" not in html(mei, address(booking))
    by_expert(booking, text="Always on time.")
    assert "A secret opinion of mine." in html(mei, address(booking))
    assert "Always on time." in html(rosa, address(booking))


def test_markup_in_a_review_is_text(client, booking):
    make_review(booking.expert, booking=booking, text="<script>alert(1)</script>")
    page = html(client, booking.expert.get_absolute_url())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_reply_stands_on_the_profile_at_once(client, mei, booking):
    make_review(booking.expert, booking=booking)
    profile = booking.expert.get_absolute_url()
    html(client, profile)
    answer = mei.post(address(booking, "review_reply"), {"reply": "Come back soon, Rosa."})
    assert answer.headers["Location"] == address(booking)
    assert "Come back soon, Rosa." in html(client, profile)


def test_an_expert_finds_from_the_booking_what_others_say_of_the_guest_and_back(mei, rosa, booking):
    guest, detail = address(booking, "guest_reviews"), booking.get_absolute_url()
    assert f'href="{guest}"' in html(mei, detail)
    assert f'href="{detail}"' in html(mei, guest)
    assert guest not in html(rosa, detail)


def test_a_reply_that_a_session_was_too_short_for_is_kept(client, booking):
    make_review(booking.expert, booking=booking)
    answer = client.post(address(booking, "review_reply"), {"reply": "Come back soon, Rosa."})
    assert answer.url.startswith(reverse("account_login"))
    client.force_login(booking.expert.user)
    assert "Come back soon, Rosa." in html(client, address(booking, "review_reply"))


def test_a_second_reply_keeps_what_was_typed(mei, booking):
    make_review(booking.expert, booking=booking)
    for _ in range(2):
        mei.post(address(booking, "review_reply"), {"reply": "Come back soon, Rosa."})
    page = mei.post(address(booking, "review_reply"), {"reply": "And bring friends."}).content.decode()
    assert "replied to this review already" in page
    assert "And bring friends." in page


def test_there_is_no_reply_to_what_waits_or_is_hidden(mei, booking):
    by_traveler(booking)
    assert mei.get(address(booking, "review_reply")).status_code == 404
    Review.objects.all().delete()
    make_review(booking.expert, booking=booking, state="hidden")
    assert mei.get(address(booking, "review_reply")).status_code == 404


def test_a_hidden_review_leaves_the_profile_and_its_author_reads_why(client, rosa, booking):
    make_review(
        booking.expert,
        booking=booking,
        text="Not for everyone.",
        state="hidden",
        moderation_reason="Names a child.",
    )
    assert "Not for everyone." not in html(client, booking.expert.get_absolute_url())
    page = html(rosa, address(booking))
    assert "Not for everyone." in page
    assert "Names a child." in page


def test_the_profile_shows_what_is_published_page_by_page(client):
    expert = make_expert()
    for number in range(10):
        make_review(expert, text=f"Walk number {number}.")
        make_review(expert, text=f"Hidden number {number}.", state="hidden")
    first = html(client, expert.get_absolute_url())
    second = client.get(expert.get_absolute_url() + f"?before={Review.objects.get(text='Walk number 2.').pk}")
    shown = [f"Walk number {number}." in first for number in range(10)]
    assert shown == [False, False] + [True] * 8
    assert "Walk number 1." in second.content.decode()
    assert "Hidden number" not in first + second.content.decode()


def test_my_reviews_are_those_about_me(mei, rosa, booking):
    make_review(booking.expert, booking=booking, text="Lovely walks.")
    make_review(make_expert(), text="About somebody else.")
    make_traveler_review(booking.expert, booking=booking, text="Always on time.")
    as_expert = html(mei, reverse("bookings:reviews"))
    assert ("Lovely walks." in as_expert, "somebody else" in as_expert) == (True, False)
    assert "Always on time." in html(rosa, reverse("bookings:reviews_as_traveler"))
    assert "Always on time." not in as_expert
    assert "Always on time." in html(rosa, reverse("bookings:reviews"))  # who is no expert has no others


def test_the_booked_expert_reads_what_others_said_of_the_traveler(mei, booking):
    make_traveler_review(make_expert(), booking.traveler, text="Always on time.")
    make_traveler_review(make_expert(), booking.traveler, text="Not seen.", state="hidden")
    page = html(mei, address(booking, "guest_reviews"))
    assert ("Always on time." in page, "Not seen." in page) == (True, False)


def test_the_traveler_has_no_such_page_of_themselves(rosa, booking):
    assert rosa.get(address(booking, "guest_reviews")).status_code == 404


@pytest.mark.parametrize("reviews", [1, 5])
def test_the_pages_cost_eight_queries_at_most(mei, booking, reviews, django_assert_max_num_queries):
    for _ in range(reviews):
        make_review(booking.expert, make_user())
        make_traveler_review(make_expert(), booking.traveler)
    make_review(booking.expert, booking=booking)
    make_traveler_review(booking.expert, booking=booking)
    pages = [address(booking, name) for name in ("review", "review_reply", "guest_reviews")]
    for page in (*pages, reverse("bookings:reviews")):
        with django_assert_max_num_queries(8):
            html(mei, page)


def test_thirty_an_hour_are_enough(rosa, booking):
    codes = [rosa.post(address(booking), ANSWERS | {"text": "x"}).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
