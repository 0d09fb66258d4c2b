"""Pictures that people send: what is taken, what is left of it, and where the files are."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from PIL import Image

from accounts import audit
from accounts.errors import DomainError
from experts import photos, pictures
from experts.models import Expert, Photo
from experts.pictures import NoPicture, Size
from tests.factories import make_expert, make_review

pytestmark = pytest.mark.django_db

SIZES = {"s": Size("square", 128), "l": Size("fit", 1600)}


def encoded(kind="JPEG", size=(120, 80), mode="RGB", color=None, **options):
    file = BytesIO()
    Image.new(mode, size, color if color is not None else 0).save(file, kind, **options)
    return file.getvalue()


def with_exif(orientation):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "GPS of my home"
    picture = Image.new("RGB", (120, 80), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 60, 80))
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif, quality=95)
    return file.getvalue()


def opened(data):
    return Image.open(BytesIO(data))


def upload(client, name, into, data, **answers):
    field = {f"{into}-picture": SimpleUploadedFile(name, data), "into": into}
    return client.post(reverse("experts:photos"), field | answers)


@pytest.fixture
def expert(client):
    expert = make_expert()
    client.force_login(expert.user)
    return expert


@pytest.fixture(autouse=True)
def commits(django_capture_on_commit_callbacks):
    """Files go when the transaction is through."""
    with django_capture_on_commit_callbacks(execute=True):
        yield


def make_photo(expert, number, caption):
    return expert.photos.create(
        token=f"t{number}", digest=str(number), caption=caption, position=number + 1, width=4, height=3
    )


def files_of(token):
    return [size for size in photos.SIZES if default_storage.exists(photos.path(token, size))]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_comes_back_in_each_size_as_webp(kind):
    picture = pictures.prepare(encoded(kind, (3000, 1000)), SIZES)
    small, large = (opened(picture.files[name]) for name in "sl")
    assert (small.format, small.size) == ("WEBP", (128, 128))
    assert (large.format, large.size) == ("WEBP", (1600, 533))


def test_nothing_of_the_file_but_its_pixels_is_left():
    sent = with_exif(1) + b"<?php evil(); ?> PK\x03\x04 a whole archive behind it"
    (data,) = pictures.prepare(sent, {"l": Size("fit", 1600)}).files.values()
    assert not dict(opened(data).getexif())
    assert opened(data).info.keys() <= {"loop", "background"}
    assert b"home" not in data
    assert b"evil" not in data


def test_a_picture_taken_sideways_is_turned_upright():
    (data,) = pictures.prepare(with_exif(6), {"l": Size("fit", 1600)}).files.values()
    turned = opened(data).convert("RGB")
    assert turned.size == (80, 120)
    assert turned.getpixel((40, 10))[2] > 200  # the left half is on top now
    assert turned.getpixel((40, 110))[0] > 200


def test_what_is_transparent_becomes_white():
    (data,) = pictures.prepare(
        encoded("PNG", mode="RGBA", color=(0, 0, 0, 0)), {"l": Size("fit", 50)}
    ).files.values()
    assert opened(data).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_stay_grey():
    grey = encoded("PNG", mode="I;16", color=30_000)
    (data,) = pictures.prepare(grey, {"l": Size("fit", 50)}).files.values()
    assert all(abs(value - 117) <= 3 for value in opened(data).convert("RGB").getpixel((5, 5)))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "format"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "format"),
        (encoded("GIF", mode="P"), "format"),
        (encoded("TIFF"), "format"),
        (encoded("PNG", (5001, 5000), mode="1"), "pixels"),
        (encoded("PNG", (20_000, 20_000), mode="1"), "pixels"),
        (encoded("JPEG", (600, 400))[:700], "broken"),
        (encoded("PNG", (1, 1)), "small"),
        (encoded("JPEG", (600, 63)), "small"),
        (b"\xff" * (pictures.MOST_BYTES + 1), "bytes"),
    ],
)
def test_what_is_no_picture_or_too_much_is_refused_with_a_reason(data, kind):
    with pytest.raises(NoPicture) as refusal:
        pictures.prepare(data, SIZES)
    assert (refusal.value.kind, str(refusal.value)) == (kind, str(pictures.REFUSALS[kind]))


def test_twenty_five_megapixels_are_taken_within_the_limit_of_memory():
    assert pictures.prepare(encoded("PNG", (5000, 5000), mode="RGBA"), SIZES).width <= 5000


def test_the_smallest_picture_is_taken():
    assert pictures.prepare(encoded(size=(64, 64)), SIZES).width == 64


def test_a_picture_that_needs_more_memory_fails_alone(monkeypatch):
    monkeypatch.setattr(pictures, "MEMORY", 160 * 1024**2)
    with pytest.raises(NoPicture) as refusal:
        pictures.prepare(encoded("PNG", (5000, 5000), mode="RGBA"), SIZES)
    assert refusal.value.kind in {"memory", "broken"}


def test_a_picture_that_takes_for_ever_is_given_up(monkeypatch, tmp_path):
    script = tmp_path / "slow.py"
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(pictures, "WORKER", script)
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(NoPicture):
        pictures.prepare(encoded(), SIZES)
    assert time.monotonic() - began < 20


def test_a_portrait_shows_on_the_profile_the_card_and_the_list(client, expert):
    expert.verified = True
    expert.save()
    make_review(expert)
    assert "avatar-hill" in client.get(expert.get_absolute_url()).content.decode()
    assert upload(client, "me.jpg", "portrait", encoded(size=(500, 400))).status_code == 302
    expert.refresh_from_db()
    assert photos.url(expert.photo, "m") in client.get(expert.get_absolute_url()).content.decode()
    assert photos.url(expert.photo, "s") in client.get("/").content.decode()


def test_the_old_files_go_when_a_portrait_is_replaced_or_removed(expert, django_capture_on_commit_callbacks):
    tokens = []
    for color in (1, 2):
        with django_capture_on_commit_callbacks(execute=True):
            photos.set_portrait(expert=expert, by=expert.user, data=encoded(color=(color, 0, 0)))
        tokens.append(expert.photo)
    assert [files_of(token) for token in tokens] == [[], ["m", "s"]]
    with django_capture_on_commit_callbacks(execute=True):
        photos.remove_portrait(expert=expert, by=expert.user)
    assert (files_of(tokens[1]), expert.photo) == ([], "")


def test_files_go_with_the_account(expert, django_capture_on_commit_callbacks):
    photos.set_portrait(expert=expert, by=expert.user, data=encoded())
    photo = photos.add_to_gallery(expert=expert, by=expert.user, data=encoded(), caption="A walk")
    tokens = [expert.photo, photo.token]
    assert all(files_of(token) for token in tokens)
    with django_capture_on_commit_callbacks(execute=True):
        expert.user.delete()
    assert [files_of(token) for token in tokens] == [[], []]


def test_a_photo_sent_twice_is_in_the_gallery_once(client, expert):
    for _ in range(2):
        upload(client, "walk.jpg", "gallery", encoded(), **{"gallery-caption": "A walk"})
    assert [photo.caption for photo in Photo.objects.all()] == ["A walk"]


def test_a_gallery_that_is_full_says_so(client, expert):
    for number in range(Photo.MOST):
        make_photo(expert, number, "A walk")
    page = upload(client, "walk.jpg", "gallery", encoded(), **{"gallery-caption": "One more"})
    assert "A gallery holds 12 photos." in page.content.decode()
    assert expert.photos.count() == Photo.MOST


def test_what_is_no_picture_is_said_on_the_page(client, expert):
    page = upload(client, "me.jpg", "portrait", b"<html><script>alert(1)</script>").content.decode()
    assert "This is not a picture we can read." in page
    expert.refresh_from_db()
    assert expert.photo == ""


def test_a_file_is_served_as_what_it_is_and_for_ever(client, expert):
    photos.set_portrait(expert=expert, by=expert.user, data=encoded())
    response = client.get(photos.url(expert.photo, "s"))
    headers = response.headers
    assert (response.status_code, headers["Content-Type"]) == (200, "image/webp")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert b"".join(response.streaming_content)[8:12] == b"WEBP"


@pytest.mark.parametrize("address", ["nobody/s.webp", "x/xl.webp", "../s.webp", "x/s.png"])
def test_no_other_file_is_served(client, address):
    assert client.get(f"/media/photos/{address}").status_code == 404


def test_a_request_that_is_too_large_is_not_read(client, expert, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    assert upload(client, "me.jpg", "portrait", b"x" * 2000).status_code == 400


@pytest.fixture
def gallery(expert):
    return [make_photo(expert, number, caption) for number, caption in enumerate(["A walk", "Tea", "Dusk"])]


def shown(client, expert):
    page = client.get(expert.get_absolute_url()).content.decode()
    return re.findall(r'alt="([^"]+)" loading="lazy" decoding="async"></a><figcaption[^>]*>\1<', page)


def move(client, photo, to):
    return client.post(reverse("experts:photo_move", args=[photo.pk]), {"to": to})


def test_the_page_offers_the_moves_that_there_are(client, expert, gallery):
    page = client.get(reverse("experts:photos")).content.decode()
    assert re.findall(r'name="to" value="(\d)">Move (\w+)<span[^>]*>: ([^<]+)<', page) == [
        ("2", "later", "A walk"),
        ("1", "earlier", "Tea"),
        ("3", "later", "Tea"),
        ("2", "earlier", "Dusk"),
    ]


def test_a_photo_that_is_moved_is_shown_there_at_once(client, expert, gallery):
    assert shown(client, expert) == ["A walk", "Tea", "Dusk"]
    answer = move(client, gallery[2], 1)
    assert answer.headers["Location"] == f"{reverse('experts:photos')}#photo-{gallery[2].pk}"
    assert shown(client, expert) == ["Dusk", "A walk", "Tea"]
    move(client, gallery[0], 3)
    assert shown(client, expert) == ["Dusk", "Tea", "A walk"]
    assert sorted(expert.photos.values_list("position", flat=True)) == [1, 2, 3]


def test_a_second_click_moves_it_no_further(client, expert, gallery):
    for _ in range(2):
        move(client, gallery[0], 2)
    assert shown(client, expert) == ["Tea", "A walk", "Dusk"]
    assert [event.action for event in audit.history(expert)] == ["expert.gallery_moved"]


@pytest.mark.parametrize("to", ["0", "-1", "9" * 18, "9" * 40, "x", ""])
def test_a_place_that_there_is_not_is_the_nearest(client, expert, gallery, to):
    assert move(client, gallery[1], to).status_code == 302
    assert set(shown(client, expert)) == {"A walk", "Tea", "Dusk"}
    assert sorted(expert.photos.values_list("position", flat=True)) == [1, 2, 3]


def test_a_new_photo_comes_last_and_a_removed_one_leaves_no_trace(client, expert, gallery):
    client.post(reverse("experts:photo_remove", args=[gallery[1].pk]))
    upload(client, "new.jpg", "gallery", encoded(), **{"gallery-caption": "New"})
    assert shown(client, expert) == ["A walk", "Dusk", "New"]
    move(client, gallery[2], 3)
    assert shown(client, expert) == ["A walk", "New", "Dusk"]


def test_a_photo_that_is_gone_meanwhile_is_moved_nowhere(expert, gallery):
    Photo.objects.filter(pk=gallery[0].pk).delete()
    with pytest.raises(DomainError):
        photos.move(photo=gallery[0], by=expert.user, to=2)


@pytest.mark.django_db(transaction=True)
def test_of_moves_at_the_same_moment_each_leaves_places_of_their_own():
    expert = make_expert()
    ours = [make_photo(expert, number, f"Photo {number}") for number in range(6)]

    def shuffle(photo):
        try:
            for to in (1, 6, 3):
                photos.move(photo=photo, by=expert.user, to=to)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(shuffle, ours))
    assert sorted(expert.photos.values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_other_words_are_shown_at_once_and_noted(client, expert, gallery):
    assert shown(client, expert)[0] == "A walk"
    address = reverse("experts:photo_edit", args=[gallery[0].pk])
    assert 'value="A walk"' in client.get(address).content.decode()
    for _ in range(2):
        client.post(address, {"caption": "A <b>quiet</b> walk"})
    assert shown(client, expert)[0] == "A &lt;b&gt;quiet&lt;/b&gt; walk"
    assert [event.action for event in audit.history(expert)] == ["expert.gallery_captioned"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "This field is required."),
        ("x" * 141, "at most 140"),
        ("Write to mei@example.com", "Everybody reads this"),
    ],
)
def test_words_that_do_not_fit_are_said_on_the_page(client, expert, gallery, words, said):
    page = client.post(reverse("experts:photo_edit", args=[gallery[0].pk]), {"caption": words})
    assert said in page.content.decode()
    gallery[0].refresh_from_db()
    assert gallery[0].caption == "A walk"


def test_a_new_photo_carries_no_contact_details_either(client, expert):
    page = upload(client, "a.jpg", "gallery", encoded(), **{"gallery-caption": "Call +81 90 1234 5678"})
    assert "Everybody reads this" in page.content.decode()
    assert not expert.photos.exists()


def test_nothing_changes_while_reviewers_are_reading(client, expert, gallery):
    Expert.objects.filter(pk=expert.pk).update(status="submitted")
    page = client.post(reverse("experts:photo_edit", args=[gallery[0].pk]), {"caption": "Other"})
    assert "Our reviewers are reading" in page.content.decode()
    assert (
        "Our reviewers are reading"
        in client.get(move(client, gallery[0], 3).headers["Location"]).content.decode()
    )
    assert list(expert.photos.order_by("position").values_list("caption", flat=True)) == [
        "A walk",
        "Tea",
        "Dusk",
    ]
