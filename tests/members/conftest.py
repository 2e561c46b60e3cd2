"""The people members are about."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from community.members.models import Member
from tests.factories.members import PASSWORD, make_imported, make_member


@pytest.fixture
def hana(db: None) -> Member:
    """An ordinary member with a password."""
    return make_member("hana", password=PASSWORD)


@pytest.fixture
def ken(db: None) -> Member:
    """An ordinary member who signs in with codes."""
    return make_member("ken")


@pytest.fixture
def mori(db: None) -> Member:
    return make_member("mori", role=Member.Role.MODERATOR)


@pytest.fixture
def kanri(db: None) -> Member:
    return make_member("kanri", role=Member.Role.MANAGER, password=PASSWORD)


@pytest.fixture
def ada(db: None) -> Member:
    """The only admin."""
    return make_member("ada", role=Member.Role.ADMIN, password=PASSWORD)


@pytest.fixture
def imported(db: None) -> Member:
    return make_imported("Craig", origin_id="1847")


@pytest.fixture
def signed_in() -> Callable[[Member], Client]:
    """A browser in which this member is signed in."""

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return sign_in


@pytest.fixture
def code() -> Callable[[], str]:
    """The code in the newest mail."""

    def read() -> str:
        found = re.search(r"\b\d{4}-\d{4}\b", mail.outbox[-1].body)
        assert found is not None, mail.outbox[-1].body
        return found[0]

    return read
