"""All that the site knows of a member, for them alone: asked for, made by a job, kept for a week (GDPR 15 and 20)."""

import io
import json
import resource
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from community.catalog.models import Creator, Customer, Shop
from community.core.clock import held_at, now
from community.core.errors import Conflict, NotAllowed, NotVisible, TooSoon
from community.core.pictures import store_picture
from community.members import actions, tasks
from community.members.actions import archives
from community.members.actions.archives import shelf
from community.members.models import AddressChange, Archive, Member, SignIn, TrustChange
from community.members.registry import areas
from community.notifications.models import Inbox, Level, Notice, Preference, PushDevice
from community.threads import actions as threads
from community.threads.actions.bookmarks import Said
from community.threads.models import Draft, Post, ReadingDay, ReadMark, ReadPosition, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.factories.members import PASSWORD, give_app, make_member, proven
from tests.support.images import png

pytestmark = pytest.mark.django_db

# What names a member and is in no archive, and why. Whoever adds a table decides on which side it stands.
LEFT_OUT = {
    "admin.LogEntry.user": "acts of office: the house's record, which speaks of others",
    "catalog.ApiKey.created_by": "acts of office",
    "members.StaffAction.by": "acts of office",
    "members.LegalText.published_by": "acts of office",
    "members.Member.trust_locked_by": "acts of office",
    "members.Block.blocked": "who blocked whom is the secret of who did",
    "notifications.Cause.member": "the people behind a notice; the notice itself is there",
    "notifications.Cause.actor_id": "stands in inboxes of others",
    "search.Document.author_id": "an index made of posts, which are there",
    "threads.Mention.member": "words of others",
    "threads.Thread.last_poster": "copied from the posts, which are there",
    "threads.Post.deleted_by": "of one's own post it is oneself; else acts of office",
    "threads.PostRevision.editor": "of one's own post it is oneself; else acts of office",
    "threads.PostRevision.hidden_by": "acts of office",
}
PLAIN_NUMBERS = {"owner_id", "author_id", "actor_id", "member_id"}


@pytest.fixture(autouse=True)
def own_shelf(settings: Any, tmp_path: Path) -> None:
    """Archives of this test alone."""
    settings.ARCHIVE_ROOT = str(tmp_path)
    kept = settings.STORAGES["archives"]
    settings.STORAGES = settings.STORAGES | {"archives": kept | {"OPTIONS": kept["OPTIONS"] | {"location": tmp_path}}}


@pytest.fixture
def ume(db: None) -> Member:
    """A member who has said one thing."""
    ume = make_member("ume", password=PASSWORD)
    make.open_thread(
        ume, make.make_category(slug="square"), title="Which wool?", body="For <b>hats</b>.", tags=["felt"]
    )
    return ume


@pytest.fixture
def busy_ume(ume: Member) -> Member:
    """The same, of whom every table of an archive has something."""
    Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/1"}).post(
        "/accounts/login/", {"login": ume.email, "password": PASSWORD}
    )
    give_app(ume)
    AddressChange.objects.create(member=ume, old_email="old-ume@example.com", digest="x", at=now())
    actions.publish_text(by=None, kind="terms", ja="仲良く。", en="Be kind.")
    actions.agree_to_texts(member_id=ume.pk, how="asked")
    actions.block(by=ume, member_id=make_member("ben").pk)
    face = store_picture(SimpleUploadedFile("face.png", png(width=64), "image/png"), owner_id=ume.pk)
    actions.update_profile(
        by=ume, member_id=ume.pk, display_name="Ume", handle="ume", bio="I felt hats.", avatar_id=face.pk
    )
    _talk(ume)
    _marks(ume)
    shop = shops.make_shop("kobo")
    maker = shops.make_creator(shop, "m1", name="Ume Felt")
    Creator.objects.filter(pk=maker.pk).update(member=ume)
    shops.bring_customer(shop, "c1", country="Japan")
    Customer.objects.update(member=ume)
    shops.make_order(shop, "o1", customer="c1", lines=[{"item": "", "title": "Wool", "quantity": 1, "unit_price": "1"}])
    return Member.objects.get(pk=ume.pk)


def _talk(ume: Member) -> None:
    thread = Thread.objects.get(author=ume)
    picture = store_picture(SimpleUploadedFile("hat.png", png(width=65), "image/png"), owner_id=ume.pk)
    reply = make.reply(ume, thread, "Merino it is.", pictures=[threads.NewPicture(picture.pk, "a hat")])
    with held_at(now() + timedelta(hours=1)):  # at once, an edit leaves no earlier version
        threads.edit_post(editor=ume, post_id=reply.pk, body="Merino, of course.", seen_version=1)
    answer = make.reply(make_member("saku"), thread, "Saku likes it.")
    threads.react(member=ume, post_id=answer.pk, kind="heart", on=True)
    Draft.objects.create(member=ume, context="new", body="Next", sequence=1, owner="w", updated_at=now())
    ReadPosition.objects.update_or_create(member=ume, thread=thread, defaults={"number": 2, "at": now()})


def _marks(ume: Member) -> None:
    ReadMark.objects.create(member=ume, before=now())
    ReadingDay.objects.create(member=ume, day=now().date(), seconds=60, at=now())
    Notice.objects.create(
        member=ume, kind="reply", subject="post:1", target="thread", target_id=1, first_at=now(), last_at=now()
    )
    Level.objects.create(member=ume, kind="tag", target_id=1, level="watch", changed_at=now())
    Preference.objects.create(member=ume, kind="reply")
    Inbox.objects.get_or_create(member=ume)
    TrustChange.objects.create(member=ume, before=0, after=1, cause="round", at=now())
    threads.save_bookmark(member=ume, kind="thread", target_id=Thread.objects.get(author=ume).pk)
    here = SignIn.objects.create(member=ume, session_key="of a telephone", began_at=now(), seen_at=now())
    PushDevice.objects.create(
        member=ume, sign_in=here, endpoint="https://push.example/secret", p256dh="k", auth="a", created_at=now()
    )


def make_archive(member: Member) -> Archive:
    """Asked for, and made as the worker makes it."""
    asked = actions.ask_for_archive(by=member)
    assert actions.make_archive(archive_id=asked.pk) is not None
    return Archive.objects.get(pk=asked.pk)


@pytest.fixture
def made(ume: Member) -> Archive:
    return make_archive(ume)


@pytest.fixture
def full(busy_ume: Member) -> Archive:
    return make_archive(busy_ume)


def opened(archive: Archive) -> ZipFile:
    with shelf().open(archive.file) as file:
        return ZipFile(io.BytesIO(file.read()))


def signed_in(member: Member, *, fresh: bool = True) -> Client:
    client = Client()
    client.force_login(member)
    return proven(client, member) if fresh else client


# -- who may not


def test_nobody_else_gets_it_and_nobody_learns_that_it_is_there(made: Archive) -> None:
    stranger = signed_in(make_member("kai"))
    there, not_there = stranger.get(f"/settings/data/{made.pk}/"), stranger.get("/settings/data/999999/")
    assert there.status_code == not_there.status_code == 404
    assert Client().get(f"/settings/data/{made.pk}/")["Location"].startswith("/accounts/login/")
    manager = make_member("kanri", role=Member.Role.ADMIN)
    assert signed_in(manager).get(f"/settings/data/{made.pk}/").status_code == 404
    for path in (f"/media/{made.file}", f"/media/archives/{made.file}", f"/media/../archives/{made.file}"):
        assert Client().get(path).status_code == 404


def test_asking_and_downloading_want_a_fresh_proof(ume: Member, made: Archive) -> None:
    stale = signed_in(ume, fresh=False)
    assert stale.get("/settings/data/").status_code == 200
    for answer in (stale.post("/settings/data/"), stale.get(f"/settings/data/{made.pk}/")):
        assert answer["Location"].startswith("/accounts/confirm/?next=%2Fsettings%2Fdata%2F")
    assert Archive.objects.count() == 1


def test_one_is_made_at_a_time_and_one_a_day(ume: Member) -> None:
    asked = actions.ask_for_archive(by=ume)
    with pytest.raises(Conflict):
        actions.ask_for_archive(by=ume)
    actions.make_archive(archive_id=asked.pk)
    with pytest.raises(TooSoon) as refusal:
        actions.ask_for_archive(by=ume)
    assert 86_000 < refusal.value.retry_after <= 86_400
    assert Archive.objects.count() == 1
    with held_at(now() + timedelta(hours=24, minutes=1)):
        actions.ask_for_archive(by=ume)
    assert Archive.objects.count() == 2


def test_who_is_leaving_gets_none_and_neither_does_anybody_for_them(ume: Member, made: Archive) -> None:
    client = signed_in(ume)
    gone = actions.ask_to_leave(by=ume, with_posts=False)
    assert client.get(f"/settings/data/{made.pk}/")["Location"].startswith("/accounts/login/")
    with pytest.raises(NotVisible):
        actions.open_archive(by=gone, archive_id=made.pk)
    with pytest.raises(NotAllowed):
        actions.ask_for_archive(by=gone)


# -- what it is


@pytest.mark.django_db(transaction=True)
def test_the_page_leads_to_the_file_which_no_cache_keeps(ume: Member, run_jobs: Callable[[], None]) -> None:
    client = signed_in(ume)
    assert client.post("/settings/data/").status_code == 302
    waiting = client.get("/settings/data/").content.decode()
    assert "data-archive-waits" in waiting and "<progress" in waiting
    run_jobs()
    archive = Archive.objects.get()
    page = client.get("/settings/data/").content.decode()
    assert f'href="/settings/data/{archive.pk}/"' in page and archive.file not in page
    answer = client.get(f"/settings/data/{archive.pk}/")
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith('attachment; filename="hiroba-ume-')
    assert ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None  # type: ignore[attr-defined]
    letter = mail.outbox[-1]
    assert letter.to == [ume.email] and "/settings/data/" in letter.body
    assert archive.file not in letter.body and f"/settings/data/{archive.pk}" not in letter.body


def test_every_table_has_its_rows_as_json_and_to_read(full: Archive) -> None:
    zipped = opened(full)
    names = set(zipped.namelist())
    for area in areas():
        for section in area.sections(full.member_id):
            rows = json.loads(zipped.read(f"{area.name}/{section.name}.json"))
            assert rows, f"{area.name}/{section.name} is empty"
            assert f"{area.name}/{section.name}-1.html" in names
    index = zipped.read("index.html").decode()
    assert 'lang="en"' in index and "talk/posts-1.html" in index
    assert [name for name in names if name.endswith(".html") and name != "index.html" and name not in index] == []


def test_it_has_the_words_the_versions_and_the_pictures_and_nothing_of_others(full: Archive) -> None:
    zipped = opened(full)
    posts = json.loads(zipped.read("talk/posts.json"))
    assert {post["body"] for post in posts} == {"Merino, of course.", "For <b>hats</b>."}
    assert [row["body"] for row in json.loads(zipped.read("talk/earlier_versions.json"))] == ["Merino it is."]
    page = zipped.read("talk/posts-1.html").decode()
    assert "&lt;b&gt;hats&lt;/b&gt;" in page and "<b>hats" not in page and "<script" not in page
    pictures = [row["file"] for row in json.loads(zipped.read("account/pictures.json"))]
    assert len(pictures) == 2
    for name in pictures:
        assert zipped.read(name)[8:12] == b"WEBP"
    everything = b"".join(zipped.read(name) for name in zipped.namelist() if name[-4:] != "webp").decode()
    keys = SignIn.objects.values_list("session_key", flat=True)
    for secret in (full.member.password, *keys, "push.example", "ben@example.com", "Saku likes it."):
        assert secret not in everything
    assert {tuple(row) for row in json.loads(zipped.read("account/second_steps.json"))} == {
        ("type", "created_at", "last_used_at")
    }


def test_it_speaks_the_members_language(ume: Member) -> None:
    Member.objects.filter(pk=ume.pk).update(language="ja")
    index = opened(make_archive(ume)).read("index.html").decode()
    assert 'lang="ja"' in index and "あなた" in index


def test_a_thread_that_was_taken_from_their_sight_is_not_named(ume: Member) -> None:
    hidden = make.open_thread(make_member("ben"), make.make_category(slug="x"), title="Secret plan")
    make.reply(ume, hidden, "I was here.")
    Thread.objects.filter(pk=hidden.pk).update(state="hidden")
    posts = json.loads(opened(make_archive(ume)).read("talk/posts.json"))
    assert [post["thread"] for post in posts if post["body"] == "I was here."] == [""]


def test_of_what_they_saved_and_may_not_see_any_more_there_is_no_word(ume: Member) -> None:
    shop = shops.make_shop("kobo")
    ben, square = make_member("ben"), make.make_category(slug="x")
    talk, gone = make.open_thread(ben, square, title="Open talk"), make.open_thread(ben, square, title="Secret plan")
    reply = make.reply(ben, talk, "Secret word.")
    bowl = shops.make_item(shop, title="Secret bowl")
    kept = {"thread": gone.pk, "post": reply.pk, "item": bowl.pk}
    threads.save_bookmark(member=ume, kind="thread", target_id=talk.pk)
    for kind, pk in kept.items():
        threads.save_bookmark(member=ume, kind=kind, target_id=pk, said=Said(f"my {kind}"))

    def saved() -> list[tuple[str, int, str, str, bool]]:
        zipped = opened(make_archive(ume))
        for name in ("talk/bookmarks.json", "talk/bookmarks-1.html"):
            assert "Secret word" not in zipped.read(name).decode()
        rows = json.loads(zipped.read("talk/bookmarks.json"))
        return [(row["kind"], row["id"], row["title"], row["note"], bool(row["address"])) for row in rows]

    last = ("thread", talk.pk, "Open talk", "", True)
    titles = {"item": bowl.title, "post": "Open talk", "thread": "Secret plan"}
    assert saved() == [*((kind, kept[kind], title, f"my {kind}", True) for kind, title in titles.items()), last]

    Thread.objects.filter(pk=gone.pk).update(state="hidden")
    Post.objects.filter(pk=reply.pk).update(state="hidden")
    Shop.objects.update(is_open=False)
    with held_at(now() + timedelta(hours=25)):
        assert saved() == [*((kind, kept[kind], "", f"my {kind}", False) for kind in titles), last]


def test_everything_that_names_a_member_is_in_an_archive_or_left_out_for_a_reason(ume: Member) -> None:
    named = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.Field)
        and ((field.is_relation and field.related_model is Member) or field.name in PLAIN_NUMBERS)
    }
    told = {column for area in areas() for section in area.sections(ume.pk) for column in section.of}
    assert named - told - set(LEFT_OUT) == set(), "neither in an archive (Section.of) nor in LEFT_OUT"
    assert (told | set(LEFT_OUT)) - named == set(), "names what there is not"
    assert told & set(LEFT_OUT) == set()


# -- how it goes


def test_after_a_week_file_and_download_are_gone_and_the_page_says_so(ume: Member, made: Archive) -> None:
    with held_at(now() + timedelta(days=7, minutes=1)):
        with pytest.raises(NotVisible):
            actions.open_archive(by=ume, archive_id=made.pk)
        assert actions.sweep_archives() == 1
        assert actions.sweep_archives() == 0
    assert not shelf().exists(made.file)
    assert "has expired" in signed_in(ume).get("/settings/data/").content.decode()


def test_a_job_done_twice_leaves_one_file_and_one_mail(ume: Member, made: Archive) -> None:
    tasks.make_archive(archive_id=made.pk)
    assert shelf().listdir("")[1] == [made.file] and mail.outbox == []


def test_two_workers_at_once_leave_one_file(ume: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is done before the first has finished: what the first wrote is thrown away."""
    asked = actions.ask_for_archive(by=ume)
    plain = archives._shelve

    def meanwhile(target: Any) -> str:
        monkeypatch.setattr(archives, "_shelve", plain)
        assert actions.make_archive(archive_id=asked.pk) is not None
        return plain(target)

    monkeypatch.setattr(archives, "_shelve", meanwhile)
    assert actions.make_archive(archive_id=asked.pk) is None
    assert len(shelf().listdir("")[1]) == 1


def test_one_that_never_came_through_may_be_asked_for_again(ume: Member) -> None:
    first = actions.ask_for_archive(by=ume)
    with held_at(now() + timedelta(hours=6, minutes=1)):
        actions.sweep_archives()
        first.refresh_from_db()
        assert first.state == Archive.State.FAILED
        actions.ask_for_archive(by=ume)


def test_files_that_belong_to_no_row_are_cleared_away(made: Archive) -> None:
    stray = Path(shelf().path("stray.zip"))
    stray.write_bytes(b"x")
    actions.sweep_archives()
    assert stray.exists()  # somebody may be about to write its row
    with held_at(now() + timedelta(days=1, minutes=1)):
        actions.sweep_archives()
    assert not stray.exists() and shelf().exists(made.file)


# -- how much it takes


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_a_hundred_thousand_posts_take_a_bounded_memory(ume: Member) -> None:
    thread = Thread.objects.get(title="Which wool?")
    for begin in range(100, 100_100, 5_000):
        Post.objects.bulk_create(
            Post(
                thread=thread,
                number=n,
                author=ume,
                body=f"{n} " + "felt and wool " * 30,
                body_html="",
                created_at=now(),
            )
            for n in range(begin, begin + 5_000)
        )
    make_archive(make_member("warm"))  # what is loaded once is loaded
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = now()
    archive = make_archive(ume)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{archive.bytes / 1e6:.1f} MB in {(now() - began).total_seconds():.1f} s, {grown:.1f} MB of memory more")
    assert archive.state == Archive.State.READY
    assert len(json.loads(opened(archive).read("talk/posts.json"))) == 100_001
    assert grown < 40
