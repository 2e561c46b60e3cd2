"""The people and states that threads are about."""

import pytest

from community.catalog.models import Creator, Item, Shop
from community.members.models import Member
from community.threads import actions
from community.threads.models import Category, Post, Thread
from tests.factories import threads as make


@pytest.fixture
def ana(db: None) -> Member:
    """Opens threads."""
    return make.make_member("ana")


@pytest.fixture
def ben(db: None) -> Member:
    """Replies to them."""
    return make.make_member("ben")


@pytest.fixture
def mori(db: None) -> Member:
    """A moderator."""
    return make.make_member("mori", role=Member.Role.MODERATOR)


@pytest.fixture
def kanri(db: None) -> Member:
    """A community manager."""
    return make.make_member("kanri", role=Member.Role.MANAGER)


@pytest.fixture
def shop(db: None) -> Shop:
    return make.make_shop()


@pytest.fixture
def sara(db: None) -> Member:
    """A potter: the account of `maker`."""
    return make.make_member("sara")


@pytest.fixture
def maker(shop: Shop, sara: Member) -> Creator:
    return make.make_creator(shop, member=sara)


@pytest.fixture
def bowl(shop: Shop, maker: Creator) -> Item:
    return make.make_item(shop, creator=maker)


@pytest.fixture
def square(db: None) -> Category:
    """Open to everybody, for every kind of thread."""
    return make.make_category()


@pytest.fixture
def makers_room(db: None) -> Category:
    return make.make_category(read_by=Category.OpenedBy.CREATORS)


@pytest.fixture
def office(db: None) -> Category:
    return make.make_category(read_by=Category.OpenedBy.MANAGERS)


@pytest.fixture
def talk(ana: Member, square: Category) -> Thread:
    return make.open_thread(ana, square)


@pytest.fixture
def question(ana: Member, square: Category, bowl: Item) -> Thread:
    """ana asks about sara's bowl."""
    return make.open_thread(ana, square, kind="question", title="Is it safe in the dishwasher?", item_id=bowl.pk)


@pytest.fixture
def answer(ben: Member, question: Thread) -> Post:
    return make.reply(ben, question, "Mine is, after two years.")


@pytest.fixture
def locked_thread(talk: Thread, mori: Member) -> Thread:
    return actions.lock_thread(by=mori, thread_id=talk.pk)
