"""The people and places that notices are about."""

from collections.abc import Callable

import pytest

from community.catalog.models import Creator, Item, Shop
from community.members.models import Member
from community.notifications import actions
from community.threads.models import Category, Thread
from tests.factories import threads as make
from tests.factories.members import make_member


@pytest.fixture
def ana(db: None) -> Member:
    """Opens threads."""
    return make_member("ana")


@pytest.fixture
def ben(db: None) -> Member:
    return make_member("ben")


@pytest.fixture
def cleo(db: None) -> Member:
    return make_member("cleo")


@pytest.fixture
def mori(db: None) -> Member:
    """A moderator."""
    return make_member("mori", role=Member.Role.MODERATOR)


@pytest.fixture
def sara(db: None) -> Member:
    """A potter: the account of `maker`."""
    return make_member("sara")


@pytest.fixture
def shop(db: None) -> Shop:
    return make.make_shop()


@pytest.fixture
def maker(shop: Shop, sara: Member) -> Creator:
    return make.make_creator(shop, member=sara)


@pytest.fixture
def bowl(shop: Shop, maker: Creator) -> Item:
    return make.make_item(shop, creator=maker)


@pytest.fixture
def square(db: None) -> Category:
    return make.make_category()


@pytest.fixture
def wax(ana: Member, square: Category) -> Thread:
    """A thread of Ana's."""
    return make.open_thread(ana, square, title="Which wax?")


@pytest.fixture
def settled(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """`settled()` does the jobs that wait, in this process and inside of the test's transaction."""
    from tests.notifications.jobs import do_waiting

    return do_waiting


@pytest.fixture
def look_again() -> Callable[..., None]:
    return actions.settle
