"""No violation that axe-core knows of on any main page, in light and dark, on a phone and a desk, in both languages."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from community.catalog import actions as catalog
from community.catalog.models import Item
from community.members import actions as members
from community.members.models import Member
from community.threads import actions
from community.threads.actions import NewPicture
from community.threads.models import Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.factories.members import PASSWORD, make_member, proven
from tests.trust.window import ORIGIN, Window

pytestmark = [pytest.mark.journey, pytest.mark.django_db, pytest.mark.timeout(600)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = [(380, "light", "ja"), (380, "dark", "en"), (1280, "light", "en"), (1280, "dark", "ja")]
BODY = """A first paragraph with `code`, a [link](https://example.org/) and **weight**.

> A quotation of two
> lines.

1. One
2. Two

| Oil | Days |
| --- | ---- |
| Tung | 3 |

## A heading in a text

```
a = 1
```
"""


@pytest.fixture
def ana(db: None) -> Member:
    ana = make_member("ana", display_name="山田 花", password=PASSWORD)
    return members.update_profile(
        by=ana, member_id=ana.pk, display_name=ana.display_name, handle="ana", bio="## 木の**器**", avatar_id=None
    )


@pytest.fixture
def bowl(ana: Member) -> Item:
    shop = shops.make_shop("kobo", name="手の市")
    for number in range(3):
        shops.make_creator(shop, f"c{number}", name=f"工房 {number}", craft="陶芸", bio="### 土と**火**。")
    states = ("on_sale", "sold_out", "on_sale", "on_sale", "withdrawn")
    for number, state in enumerate(states):
        shops.make_item(
            shop,
            f"i{number}",
            title=f"灰釉の飯碗 {number}",
            description=BODY,
            creator=f"c{number % 3}",
            series="海",
            category="陶芸",
            price="3200",
            state=state,
            tags=["器", "灰釉"],
            attributes={"径": "12 cm"},
            variants=[{"external_id": "v", "name": "小", "price": "2800"}],
            listings=[{"channel": "rakuten", "url": "https://r.example/1", "price": "3300", "benefit": "ポイント2倍"}],
        )
    maker = make_member("sara", display_name="沙羅")
    bowl = Item.objects.select_related("creator").get(external_id="i0")
    assert bowl.creator is not None
    manager = make_member("kanri", role=Member.Role.MANAGER)
    catalog.link_creator(by=manager, creator_id=bowl.creator.pk, member=maker)
    return bowl


@pytest.fixture
def thread(ana: Member, bowl: Item) -> Thread:
    """A question with all that a thread can hold, on two pages."""
    square, ben, mori = make.make_category(slug="square"), make_member("ben"), make_member("mori", role="moderator")
    thread = make.open_thread(
        ana, square, kind="question", title="食洗機で使えますか？", body=BODY, item_id=bowl.pk, tags=["器"]
    )
    answer = make.reply(ben, thread, f"使えます。[これ](/items/{bowl.pk}/) もどうぞ。 @ana")
    actions.react(member=ana, post_id=answer.pk, kind="heart", on=True)
    shown = [NewPicture(make.make_upload(ben).pk, "手の中の碗"), NewPicture(make.make_upload(ben).pk, "")]
    make.reply(ben, thread, "写真です。", reply_to_id=answer.pk, pictures=shown)
    gone = make.reply(ben, thread, "消します。")
    actions.delete_post(by=ben, post_id=gone.pk)
    actions.edit_post(editor=mori, post_id=answer.pk, body="二年目です。", seen_version=1, reason="よみやすく")
    for number in range(20):
        make.reply((ana, ben)[number % 2], thread, f"返信 {number}")
    actions.accept_answer(by=ana, post_id=answer.pk)
    actions.pin_thread(by=mori, thread_id=thread.pk)
    for kind in ("talk", "idea"):
        make.open_thread(ben, square, kind=kind, title=f"{kind}のはなし", tags=["器"])
    thread.refresh_from_db()
    return thread


def pages_of_visitors(thread: Thread) -> list[str]:
    item = thread.item
    assert item is not None and item.creator is not None
    return [
        "/",
        "/items/",
        item.get_absolute_url(),
        "/creators/",
        item.creator.get_absolute_url(),
        item.shop.get_absolute_url(),
        "/members/ana/",
        "/tags/",
        "/tags/器/",
        "/threads/",
        "/threads/in/square/",
        thread.get_absolute_url(),
        f"{thread.get_absolute_url()}?view=two",
        "/about/",
        "/keys/",
        "/search/",
        "/search/?q=器",
        "/search/?q=潜水艦",
        "/accounts/login/",
        "/accounts/login/code/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/no/such/page/",
    ]


def pages_of_members(thread: Thread) -> list[str]:
    post = make.opening(thread).pk
    return [
        thread.get_absolute_url(),
        f"{thread.get_absolute_url()}?page=2",
        f"/threads/new/?kind=question&item={thread.item_id}",
        f"/threads/{thread.pk}/reply/?to={post}&quote=1",
        f"/posts/{post}/edit/",
        f"/posts/{post}/delete/",
        f"/posts/{post + 1}/history/",
        "/settings/profile/",
        "/settings/preferences/",
        "/accounts/logout/",
    ]


OWN = [
    "/notifications/",
    "/notifications/?show=unread",
    "/notifications/following/",
    "/settings/notifications/",
    "/settings/security/",
    "/settings/security/app/",
    "/settings/sessions/",
    "/settings/leave/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/drafts/",
]


def violations(page: Page, path: str) -> list[str]:
    page.goto(ORIGIN + path)
    page.wait_for_selector("html[data-ready]", state="attached")
    result = Axe().run(page, options=RULES)
    assert len(result.response["passes"]) > 15  # the rules did run
    found = [
        f"{path}: {one['id']} {node['target']} {node['html'][:120]} {node['failureSummary'][:200]}"
        for one in result.response["violations"]
        for node in one["nodes"]
    ]
    # axe no longer looks for these, but scripts and labels find their element by its id.
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(({id}) => id)")
    twice = {one for one in ids if ids.count(one) > 1}
    found += [f"{path}: the id {one} stands there twice" for one in sorted(twice)]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{path}: {wide} px wider than the screen"] if wide > 0 else [])


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def look(request: pytest.FixtureRequest) -> tuple[int, str, str]:
    found: tuple[int, str, str] = request.param
    return found


def window(make_context: Callable[..., BrowserContext], client: Client, look: tuple[int, str, str]) -> Window:
    width, theme, language = look
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    options = {"viewport": {"width": width, "height": 850}, "color_scheme": theme, "has_touch": width < 600}
    return Window(lambda **given: make_context(**given | options), client=client)


def test_the_pages_of_a_visitor(
    new_context: Callable[..., BrowserContext], thread: Thread, look: tuple[int, str, str]
) -> None:
    opened = window(new_context, Client(raise_request_exception=False), look)
    found = [line for path in pages_of_visitors(thread) for line in opened.each(path, violations)]
    assert found == [], "\n".join(found)


def test_the_pages_of_a_member(
    new_context: Callable[..., BrowserContext], thread: Thread, ana: Member, look: tuple[int, str, str]
) -> None:
    Member.objects.filter(pk=ana.pk).update(language=look[2])
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    opened = window(new_context, client, look)
    found = [line for path in pages_of_members(thread) for line in opened.each(path, violations)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("look", [LOOKS[1], LOOKS[2]], ids=["phone", "desk"])
def test_the_pages_about_oneself(
    new_context: Callable[..., BrowserContext], thread: Thread, ana: Member, look: tuple[int, str, str]
) -> None:
    Member.objects.filter(pk=ana.pk).update(language=look[2])
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    opened = window(new_context, client, look)
    found = opened.each("/accounts/confirm/?next=/settings/leave/", violations)
    proven(client, ana, method="password")
    found += [line for path in OWN for line in opened.each(path, violations)]
    assert found == [], "\n".join(found)


def test_the_pages_of_a_creator_and_of_a_moderator(
    new_context: Callable[..., BrowserContext], thread: Thread, look: tuple[int, str, str]
) -> None:
    for handle, path in (("sara", "/settings/creator/"), ("mori", f"/threads/{thread.pk}/manage/")):
        client = Client(raise_request_exception=False)
        client.force_login(Member.objects.get(handle=handle))
        found = window(new_context, client, look).each(path, violations)
        assert found == [], "\n".join(found)


def test_a_page_that_shuts_somebody_out_is_seen(
    new_context: Callable[..., BrowserContext], thread: Thread, look: tuple[int, str, str]
) -> None:
    from community.threads.models import Post

    Post.objects.filter(thread=thread, number=1).update(body_html="<img src=/x.png><p style='color:#ccc'>pale</p>")
    opened = window(new_context, Client(), look)
    assert any("image-alt" in line for line in opened.each(thread.get_absolute_url(), violations))
