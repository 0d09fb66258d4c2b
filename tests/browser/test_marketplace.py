"""The marketplace from an application to two reviews: three people, each in a browser of their own, and time."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from bookings.models import Booking
from tests.factories import make_market, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
BIO = (
    "I grew up behind the Nishiki market and know every stall, every knife grinder and every cook by name. "
    * 2
)
TITLE = "Nishiki before breakfast"
PRAISE = "Mei knows every stall of the market and had time for all our questions."
THANKS = "Curious, punctual and kind guests, with whom the morning flew by."


def sign_up(page: Page, name: str, email: str) -> None:
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()


def choose(page: Page, item: str) -> None:
    """From the account's menu."""
    page.locator("summary", has_text="Account").click()
    page.get_by_role("navigation", name="Account").get_by_role("link", name=item, exact=True).click()


def step(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()


def test_from_an_application_to_two_reviews(arrive):
    make_market("Kyoto", currency="JPY")
    make_user("Rita Reviewer", email="rita@example.com", is_staff=True).groups.add(
        Group.objects.get(name="Reviewer")
    )
    mei, ada = arrive(), arrive()
    apply(mei)
    approve(arrive())
    match(ada)
    inquire(ada)
    answer_and_offer(mei)
    accept(ada)
    days_go_by()
    complete(mei)
    review_both(mei, ada)
    read_profile(arrive())


def apply(mei: Page) -> None:
    mei.goto("/expert/apply/")
    sign_up(mei, "Mei Tanaka", "mei@example.com")
    mei.get_by_role("link", name="Begin").click()
    mei.get_by_label("Headline").fill("Markets and small kitchens")
    mei.get_by_label("About you").fill(BIO)
    mei.get_by_label("Years of experience").fill("12")
    go_on(mei)
    step(mei, "City and languages")
    mei.goto("/")  # she is called away, and finds the next step when she comes back
    choose(mei, "Become an expert")
    step(mei, "City and languages")
    mei.get_by_role("combobox", name="city").fill("kyo")
    mei.get_by_role("listbox").get_by_role("option").first.click()
    mei.get_by_label("Language", exact=True).first.select_option("en")
    go_on(mei)
    step(mei, "What you know best")
    mei.get_by_label("What you know", exact=True).first.select_option("street-food")
    mei.get_by_label("Trips of this kind so far", exact=True).first.fill("40")
    go_on(mei)
    step(mei, "Prices")
    name_prices(mei)
    step(mei, "Your first service")
    describe_service(mei)
    step(mei, "Photo")
    mei.get_by_label("A photo of you").set_input_files(portrait())
    go_on(mei)
    hand_in(mei)


def portrait() -> FilePayload:
    file = BytesIO()
    Image.new("RGB", (400, 400), (90, 120, 60)).save(file, "JPEG")
    return {"name": "mei.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def name_prices(mei: Page) -> None:
    mei.get_by_label("Lowest price").fill("60")
    mei.get_by_label("Highest price").fill("140")
    mei.get_by_label("Currency").select_option("USD")
    mei.get_by_label("Largest group").fill("6")
    go_on(mei)


def describe_service(mei: Page) -> None:
    mei.get_by_label("Title").fill(TITLE)
    mei.get_by_label("Kind").select_option("tour")
    mei.get_by_label("Description").fill("We meet at six, when the stalls open, and taste our way along.")
    mei.get_by_label("Duration in hours").fill("3")
    mei.get_by_label("Price", exact=True).fill("90")
    go_on(mei)


def hand_in(mei: Page) -> None:
    step(mei, "Read it again and hand it in")
    mei.get_by_role("link", name="Read your page").click()
    expect(mei.get_by_role("heading", name=TITLE)).to_be_visible()
    mei.get_by_role("link", name="Back", exact=True).click()
    mei.get_by_role("button", name="Hand it in").click()
    step(mei, "Your application is with our reviewers")


def approve(rita: Page) -> None:
    rita.goto("/admin/")
    rita.get_by_label("Email").fill("rita@example.com")
    rita.get_by_label("Password").fill(PASSWORD)
    rita.get_by_role("button", name="Sign in").click()
    rita.goto("/admin/experts/expert/?status__exact=submitted")
    rita.get_by_role("link", name="Mei Tanaka").first.click()
    rita.get_by_role("link", name="Approve").click()
    expect(rita.get_by_text("every knife grinder").first).to_be_visible()
    rita.get_by_role("button", name="Approve").click()
    expect(rita.get_by_text("Mei Tanaka is now “active”.")).to_be_visible()


def match(ada: Page) -> None:
    ada.goto("/")
    ada.get_by_role("combobox").first.fill("kyo")
    ada.get_by_role("option").first.click()
    ada.get_by_role("combobox").first.press("Enter")
    first = timezone.localdate() + timedelta(days=30)
    ada.get_by_label("First day").fill(first.isoformat())
    ada.get_by_label("Last day").fill((first + timedelta(days=3)).isoformat())
    ada.get_by_label("Kind of trip").select_option("food")
    ada.get_by_label("What you need most").select_option("guide")
    ada.get_by_text("Street food", exact=True).click()
    ada.get_by_label("Budget for local help, in all").fill("900")
    ada.get_by_label("Your trip in your own words").fill("Which stalls of the Nishiki market should we try?")
    ada.get_by_role("button", name="Find my experts").click()
    expect(ada.get_by_text("Reading what every expert in Kyoto knows")).to_be_visible()
    run_jobs()
    expect(ada.get_by_role("article").first).to_contain_text("Mei Tanaka")


def inquire(ada: Page) -> None:
    ada.get_by_role("article").first.get_by_role("link", name=re.compile("^Write")).click()
    sign_up(ada, "Ada Traveler", "ada@example.com")
    ada.get_by_label("Your message").fill("Could we start before the crowds come?")
    ada.get_by_role("button", name="Send the inquiry").click()
    step(ada, "Mei Tanaka has your message")


def answer_and_offer(mei: Page) -> None:
    mei.goto("/")
    choose(mei, "For experts")
    mei.get_by_role("link", name="Ada Traveler").click()
    mei.get_by_label("Your message").fill("Gladly. I will make you an offer for six in the morning.")
    mei.get_by_role("button", name="Send", exact=True).click()
    expect(mei.get_by_role("log")).to_contain_text("I will make you an offer")
    mei.get_by_role("link", name="Make an offer").click()
    mei.get_by_label("Service").select_option(label=TITLE)
    start = timezone.localdate() + timedelta(days=31)
    mei.get_by_label("Begins").fill(f"{start.isoformat()}T06:00")
    mei.get_by_label("People").fill("2")
    mei.get_by_label("Price in all").fill("150")
    mei.get_by_label("Currency").select_option("USD")
    mei.get_by_label("A few words").fill("Breakfast is included.")
    mei.get_by_role("button", name="Send the offer").click()
    expect(mei.get_by_role("log")).to_contain_text("Breakfast is included.")


def accept(ada: Page) -> None:
    ada.goto("/")
    choose(ada, "Messages")
    ada.get_by_role("link", name="Mei Tanaka").first.click()
    ada.get_by_role("link", name="Accept", exact=True).click()
    ada.get_by_role("button", name="Accept for $150").click()
    expect(ada.get_by_text("You have accepted the offer.")).to_be_visible()
    ada.get_by_role("link", name="Open the booking").first.click()
    expect(ada.get_by_text("confirmed", exact=True)).to_be_visible()
    expect(ada.get_by_role("main")).to_contain_text("$150")


def open_booking(page: Page, where: str) -> None:
    choose(page, where)
    page.get_by_role("main").get_by_role("link", name=TITLE).click()


def days_go_by() -> None:
    """As if all of it had been agreed five weeks earlier."""
    weeks = timedelta(weeks=5)
    for booking in Booking.objects.all():
        for name in ("period", "occupied"):
            span = getattr(booking, name)
            setattr(booking, name, type(span)(span.lower - weeks, span.upper - weeks, span.bounds))
        booking.start, booking.end = booking.start - weeks, booking.end - weeks
        booking.save(update_fields=["period", "occupied", "start", "end"])


def complete(mei: Page) -> None:
    open_booking(mei, "Bookings with you")
    mei.get_by_role("button", name="Mark as completed").click()
    expect(mei.get_by_text("completed", exact=True)).to_be_visible()


def review_both(mei: Page, ada: Page) -> None:
    ada.goto("/")
    ada.get_by_role("link", name="Notices").first.click()
    ada.get_by_role("link", name="Your booking with Mei Tanaka is completed", exact=True).click()
    ada.get_by_role("link", name="Write a review").click()
    for label in ("All in all", "Communication", "Knowledge", "Value", "Flexibility", "Responsiveness"):
        ada.get_by_label(label).select_option("5")
    send_review(ada, PRAISE)
    expect(ada.get_by_text("published together with the other one")).to_be_visible()
    open_booking(mei, "Bookings with you")
    mei.get_by_role("link", name="Write a review").click()
    expect(mei.get_by_text(PRAISE)).to_have_count(0)
    mei.get_by_label("All in all").select_option("5")
    send_review(mei, THANKS)
    expect(mei.get_by_text(PRAISE)).to_be_visible()
    ada.reload()
    expect(ada.get_by_text(THANKS)).to_be_visible()


def send_review(page: Page, text: str) -> None:
    page.get_by_label("Your review").fill(text)
    page.get_by_role("button", name="Send the review").click()


def read_profile(visitor: Page) -> None:
    visitor.goto("/experts/")
    visitor.get_by_role("link", name="Mei Tanaka").first.click()
    expect(visitor.get_by_role("heading", name="5.00 from 1 review")).to_be_visible()
    expect(visitor.get_by_text(PRAISE)).to_be_visible()
