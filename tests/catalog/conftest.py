"""A shop, and what stands around it."""

import pytest

from community.catalog.models import Shop
from community.members.models import Member
from tests.factories.catalog import make_shop
from tests.factories.members import make_member


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("kobo")


@pytest.fixture
def other_shop(db: None) -> Shop:
    return make_shop("ichiba")


@pytest.fixture
def ana(db: None) -> Member:
    return make_member("ana")


@pytest.fixture
def mika(db: None) -> Member:
    """A community manager."""
    return make_member("mika", role=Member.Role.MANAGER)
