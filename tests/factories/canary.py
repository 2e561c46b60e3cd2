"""A member in whose every field stands one string, so that a search for it finds what an erasure has forgotten."""

from datetime import timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from community.catalog.models import Customer
from community.core.clock import now
from community.core.pictures import store_picture
from community.members import actions
from community.members.actions.leaving import GRACE
from community.members.models import Member, SignIn, TrustChange
from community.notifications.actions import Ways, set_preferences
from community.notifications.models import Level, Notice, PushDevice
from community.search.actions import note_lookup
from community.threads import actions as threads
from community.threads.actions.bookmarks import Said
from community.threads.models import Category, Draft, ReadPosition, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.factories.members import PASSWORD, give_app, make_member
from tests.support.images import png

CANARY = "kanariya77"
NAME = "Kanariya77 Umeko"
LATER = GRACE + timedelta(minutes=1)


def plant(square: Category, ben: Member, mori: Member, *, language: str = "en") -> Member:
    """Somebody who has filled in, chosen and kept all there is, and of whom ben and mori have spoken and taken notes.

    They have a password and an app (`secret_of`), and stand in "Which clay?", "Thanks @…", an archive and a shop.
    """
    member = make_member(CANARY, display_name=NAME, password=PASSWORD, language=language)
    browser = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/1"})
    browser.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    give_app(member)
    member = _account(member)
    actions.note(
        by=mori, verb="warn", target="post", target_id=1, reason=f"was rude to @{CANARY}", detail={"x": CANARY}
    )
    _keep(member, ben, _talk(member, ben, square, mori))
    shop = shops.make_shop("kobo")
    shops.bring_customer(shop, "c1", country="Japan")
    Customer.objects.update(member=member, email_digest="d" * 64)
    archive = actions.ask_for_archive(by=member)
    actions.make_archive(archive_id=archive.pk)
    LogEntry.objects.create(user_id=mori.pk, action_flag=CHANGE, object_repr=f"@{CANARY}", change_message="")
    return member


def _account(member: Member) -> Member:
    """A face, an upload that nothing shows, a profile that an admin has changed, a way back, a browser for notices."""
    face = store_picture(SimpleUploadedFile(f"{CANARY}.png", png(width=63), "image/png"), owner_id=member.pk)  # type: ignore[arg-type]
    store_picture(SimpleUploadedFile("unused.png", png(width=64), "image/png"), owner_id=member.pk)  # type: ignore[arg-type]
    member = actions.update_profile(
        by=member, member_id=member.pk, display_name=NAME, handle=CANARY, bio=f"I am {CANARY}.", avatar_id=face.pk
    )
    actions.keep_way_back(member_id=member.pk, old_email=f"old-{CANARY}@example.com")
    PushDevice.objects.create(
        member=member,
        sign_in=SignIn.objects.filter(member=member)[0],
        endpoint=f"https://fcm.googleapis.com/{CANARY}",
        created_at=now(),
    )
    silent = {"reaction": Ways(site=False, mail=False, push=False)}
    set_preferences(member=member, ways=silent, digest="none", quiet_from=None, quiet_until=None)
    admin = make_member("ada", role=Member.Role.ADMIN)
    actions.update_profile(
        by=admin, member_id=member.pk, display_name=NAME, handle=CANARY, bio="Hello", avatar_id=face.pk, reason="a slip"
    )
    return member


def _talk(member: Member, ben: Member, square: Category, mori: Member) -> Thread:
    thread = make.open_thread(member, square, title="Which clay?", body="For bowls.")
    reply = make.reply(ben, thread, f"> For bowls.\n\nAsk @{CANARY} and ＠{CANARY.upper()}!")
    threads.edit_post(
        editor=mori, post_id=reply.pk, body=f"Do ask @{CANARY}.", seen_version=1, reason=f"@{CANARY} asked"
    )
    titled = make.open_thread(ben, square, title=f"Thanks @{CANARY}", body=f"You know, @{CANARY}: great.")
    make.reply(member, titled, "My pleasure.")
    threads.react(member=member, post_id=reply.pk, kind="heart", on=True)
    return thread


def _keep(member: Member, ben: Member, thread: Thread) -> None:
    """What both keep for themselves: questions, drafts, bookmarks; how far one has read, whom the other follows."""
    note_lookup(question=f"by:{CANARY}", language="ja", found=True)
    for writer, words in ((member, f"I am {CANARY}"), (ben, f"Dear @{CANARY}")):
        Draft.objects.create(
            member=writer, context=f"reply:{thread.pk}", body=words, sequence=1, owner="w", updated_at=now()
        )
    for who, note in ((member, f"I am {CANARY}"), (ben, f"ask @{CANARY}")):
        said = Said(note=note, remind_at=now() + timedelta(days=60))
        threads.save_bookmark(member=who, kind="thread", target_id=thread.pk, said=said)
        Notice.objects.create(  # what they are reminded of
            member=who, kind="reminder", subject=f"thread:{thread.pk}", target="thread", target_id=thread.pk, note=note,
            first_at=now(), last_at=now(),
        )  # fmt: skip
    actions.block(by=member, member_id=make_member("uwe").pk)
    TrustChange.objects.create(member=member, before=1, after=2, cause=TrustChange.Cause.ROUND, at=now())
    ReadPosition.objects.update_or_create(member=member, thread=thread, defaults={"number": 1, "at": now()})
    Level.objects.create(kind="member", target_id=member.pk, member=ben, level="watch", changed_at=now())
