"""One's own settings: profile, picture, preferences."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from community.core import pictures
from community.core.clock import now
from community.core.errors import Invalid
from community.core.models import Picture
from community.members import actions
from community.members.models import Member
from tests.factories.members import make_member, proven
from tests.factories.threads import make_upload

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
URL = "/settings/profile/"


@pytest.fixture(autouse=True)
def own_media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def form(member: Member, **changed: Any) -> dict[str, Any]:
    return {"display_name": member.display_name, "handle": member.handle, "bio": member.bio, "avatar_id": ""} | changed


def photo_with_place() -> bytes:
    """A JPEG that lies on its side, with the place it was taken at and a comment."""
    image = Image.new("RGB", (60, 30), "#a0303a")
    image.paste("#2a5580", (0, 0, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    exif[0x010E] = "taken in my kitchen"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 0.0, 41.5), 3: "E", 4: (135.0, 46.0, 5.1)})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"my secret comment", quality=95)
    return out.getvalue()


def bytes_of(picture: Picture) -> bytes:
    with default_storage.open(picture.file) as file:
        return bytes(file.read())


# -- what is refused


def test_settings_are_for_members() -> None:
    for path in (URL, "/settings/preferences/", "/accounts/email/", "/accounts/password/change/"):
        assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"display_name": "Ken"}, "display_name"),
        ({"display_name": "Аdmin"}, "display_name"),
        ({"handle": "ken"}, "handle"),
        ({"handle": "a"}, "handle"),
        ({"handle": "<script>"}, "handle"),
        ({"bio": "あ" * 2000}, "bio"),
        ({"avatar_id": "999999"}, "picture"),
    ],
)
def test_a_refused_profile_changes_nothing_and_keeps_what_was_typed(
    changed: dict[str, str], field: str, hana: Member, ken: Member, signed_in: SignIn
) -> None:
    answer = signed_in(hana).post(URL, form(hana, bio="I throw **bowls**.") | changed)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors or answer.context["form"].non_field_errors()
    assert answer.context["form"]["bio"].value() == changed.get("bio", "I throw **bowls**.")
    fresh = Member.objects.get(pk=hana.pk)
    assert (fresh.display_name, fresh.handle, fresh.bio) == ("Hana", "hana", "")


def test_another_members_picture_cannot_be_taken(hana: Member, ken: Member, signed_in: SignIn) -> None:
    upload = SimpleUploadedFile("me.jpg", photo_with_place())
    theirs = pictures.store_picture(upload, owner_id=ken.pk)
    assert signed_in(hana).post(URL, form(hana, avatar_id=str(theirs.pk))).status_code == 422
    assert Member.objects.get(pk=hana.pk).avatar_id is None


def test_a_picture_that_a_post_shows_is_no_profile_picture_too(hana: Member, signed_in: SignIn) -> None:
    """Left again, it would be swept away, and the post would lose it."""
    shown = make_upload(hana, used_at=now())
    assert signed_in(hana).post(URL, form(hana, avatar_id=str(shown.pk))).status_code == 422
    assert Member.objects.get(pk=hana.pk).avatar_id is None


def _gif_that_is_a_script() -> bytes:
    return b"GIF89a/*" + b"\x00" * 8 + b"*/=1;alert(1)//"


def _png_that_is_a_page() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    page = b"<html><script>alert(1)</script></html>"
    chunk = struct.pack(">I", len(page)) + b"tEXt" + page + struct.pack(">I", zlib.crc32(b"tEXt" + page))
    return out.getvalue()[:33] + chunk + out.getvalue()[33:] + page


def _jpeg_with_php() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", comment=b"<?php system($_GET['c']); ?>")
    return out.getvalue() + b"<?php system('id'); ?>"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("a.html", b"<html><script>alert(1)</script>"),
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.gif", _gif_that_is_a_script()),
        ("a.jpg", b""),
        ("a.jpg", photo_with_place()[:200]),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_no_file(
    name: str, data: bytes, hana: Member, signed_in: SignIn
) -> None:
    answer = signed_in(hana).post(URL, form(hana, picture=SimpleUploadedFile(name, data)))
    assert answer.status_code == 422 and "picture" in answer.context["form"].errors
    assert not Picture.objects.exists() and not any(Path(site.MEDIA_ROOT).rglob("*.webp"))


@pytest.mark.parametrize("data", [_png_that_is_a_page(), _jpeg_with_php()])
def test_a_picture_that_is_also_something_else_becomes_only_a_picture(
    data: bytes, hana: Member, signed_in: SignIn
) -> None:
    assert signed_in(hana).post(URL, form(hana, picture=SimpleUploadedFile("x.html", data))).status_code == 302
    stored = Member.objects.select_related("avatar").get(pk=hana.pk).avatar
    assert stored is not None and stored.file.endswith(".webp")
    kept = bytes_of(stored)
    assert kept[:4] == b"RIFF" and b"script" not in kept and b"php" not in kept


# -- what happens


def test_a_profile_is_changed_and_the_bio_is_made_safe(hana: Member, signed_in: SignIn) -> None:
    bio = "I throw **bowls**. <script>alert(1)</script> [x](javascript:alert(1))"
    assert signed_in(hana).post(URL, form(hana, display_name="花", handle="hana_bowls", bio=bio)).status_code == 302
    fresh = Member.objects.get(pk=hana.pk)
    assert (fresh.display_name, fresh.handle) == ("花", "hana_bowls")
    assert "<strong>bowls</strong>" in fresh.bio_html
    assert "<script" not in fresh.bio_html and 'href="javascript' not in fresh.bio_html


def test_a_handle_changes_once_also_for_who_sends_it_by_hand(hana: Member, signed_in: SignIn) -> None:
    client = signed_in(hana)
    client.post(URL, form(hana, handle="hana_bowls"))
    page = client.get(URL)
    assert page.context["form"].fields["handle"].disabled
    with pytest.raises(Invalid) as refusal:
        actions.update_profile(by=hana, member_id=hana.pk, display_name="Hana", handle="hana_3", bio="", avatar_id=None)
    assert refusal.value.code == "handle_settled"
    assert Member.objects.get(pk=hana.pk).handle == "hana_bowls"


def test_a_photo_loses_its_place_and_stands_upright(hana: Member, signed_in: SignIn) -> None:
    data = photo_with_place()
    assert b"Exif" in data and b"secret comment" in data
    assert signed_in(hana).post(URL, form(hana, picture=SimpleUploadedFile("me.jpg", data))).status_code == 302
    stored = Member.objects.select_related("avatar").get(pk=hana.pk).avatar
    assert stored is not None and stored.used_at is not None and stored.owner_id == hana.pk
    kept = bytes_of(stored)
    for trace in (b"Exif", b"EXIF", b"XMP", b"ICCP", b"kitchen", b"secret"):
        assert trace not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (30, 60) and not image.getexif()
        red, _green, blue = image.convert("RGB").getpixel((15, 5))  # type: ignore[misc]
        assert blue > red, "the left, blue half of the sensor is up"


def test_a_good_picture_is_kept_although_the_name_is_refused(hana: Member, ken: Member, signed_in: SignIn) -> None:
    client = signed_in(hana)
    upload = SimpleUploadedFile("me.jpg", photo_with_place())
    answer = client.post(URL, form(hana, display_name="Ken", picture=upload))
    assert answer.status_code == 422
    kept = answer.context["form"]["avatar_id"].value()
    assert answer.context["picture"].pk == int(kept)
    assert client.post(URL, form(hana, avatar_id=kept)).status_code == 302
    assert Member.objects.get(pk=hana.pk).avatar_id == int(kept)


def test_a_picture_can_be_taken_away_and_goes_to_the_sweep(hana: Member, signed_in: SignIn) -> None:
    client = signed_in(hana)
    client.post(URL, form(hana, picture=SimpleUploadedFile("me.jpg", photo_with_place())))
    picture = Picture.objects.get()
    client.post(URL, form(hana, avatar_id=str(picture.pk), remove_picture="on"))
    assert Member.objects.get(pk=hana.pk).avatar_id is None
    picture.refresh_from_db()
    assert picture.used_at is None


def test_preferences_speak_at_once(hana: Member, signed_in: SignIn) -> None:
    client = signed_in(hana)
    answer = client.post("/settings/preferences/", {"language": "ja", "theme": "dark", "time_zone": "Europe/Berlin"})
    assert answer.status_code == 302 and client.cookies["theme"].value == "dark"
    page = client.get("/settings/preferences/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="ja" data-theme="dark">' in page
    assert Member.objects.get(pk=hana.pk).time_zone == "Europe/Berlin"


@pytest.mark.parametrize("changed", [{"language": "xx"}, {"theme": "pink"}, {"time_zone": "Mars/Olympus"}])
def test_a_choice_there_is_not_changes_nothing(changed: dict[str, str], hana: Member, signed_in: SignIn) -> None:
    given = {"language": "ja", "theme": "dark", "time_zone": "UTC"} | changed
    assert signed_in(hana).post("/settings/preferences/", given).status_code == 422
    assert Member.objects.get(pk=hana.pk).theme == "auto"


def test_the_language_switch_remembers_a_members_choice(hana: Member, signed_in: SignIn) -> None:
    client = signed_in(hana)
    client.post("/i18n/setlang/", {"language": "ja", "next": "/settings/preferences/"})
    assert Member.objects.get(pk=hana.pk).language == "ja"
    assert 'lang="ja"' in client.get("/settings/preferences/").content.decode()


def test_an_address_changes_only_with_a_code_and_the_old_one_is_told(
    ken: Member, signed_in: SignIn, code: Callable[[], str], mailoutbox: list[Any]
) -> None:
    client = proven(signed_in(ken), ken)
    assert client.get("/accounts/email/").status_code == 200
    answer = client.post("/accounts/email/", {"email": "new@example.com", "action_add": "1"})
    assert Member.objects.get(pk=ken.pk).email == "ken@example.com"
    assert client.get(answer["Location"]).status_code == 200
    client.post(answer["Location"], {"code": code()})
    assert Member.objects.get(pk=ken.pk).email == "new@example.com"
    assert [message.to for message in mailoutbox] == [["new@example.com"], ["ken@example.com"]]


def test_an_address_of_another_account_is_not_told_to_exist(
    ken: Member, hana: Member, signed_in: SignIn, mailoutbox: list[Any]
) -> None:
    answers = [
        proven(signed_in(ken), ken).post("/accounts/email/", {"email": address, "action_add": "1"})
        for address in (hana.email, "free@example.com")
    ]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert len(mailoutbox) == 2


def test_a_member_without_a_password_sets_one(ken: Member, signed_in: SignIn) -> None:
    client = proven(signed_in(ken), ken)
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    assert client.get("/accounts/password/set/").status_code == 200
    client.post("/accounts/password/set/", {"password1": "nine winter lanterns"})
    assert Member.objects.get(pk=ken.pk).check_password("nine winter lanterns")
    assert client.get("/accounts/password/change/").status_code == 200


def test_the_profile_page_costs_a_fixed_number_of_queries(
    signed_in: SignIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = signed_in(make_member("ume"))
    client.get(URL)  # the first page of a sign-in writes down that it is in use
    # the session, the member with their picture, whether the address is confirmed, the bell, whether there is a
    # creator's page
    with django_assert_num_queries(5):
        client.get(URL)
