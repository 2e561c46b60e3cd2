"""Rate limits: exact under parallel calls, and never in the way when Valkey is down."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis.exceptions import ConnectionError as Down

from community.core import limits
from community.core.errors import TooSoon
from community.core.valkey import client


@pytest.fixture
def rule(settings: Any) -> Callable[..., str]:
    """A limit under a fresh name."""

    def make(**buckets: tuple[int, int]) -> str:
        name = f"test_{uuid.uuid4().hex}"
        settings.LIMITS = {name: buckets}
        return name

    return make


def passes(action: str, **who: Any) -> bool:
    try:
        limits.take(action, **who)
    except TooSoon as error:
        assert error.retry_after >= 1
        return False
    return True


def test_of_a_hundred_parallel_calls_exactly_ten_pass(rule: Callable[..., str]) -> None:
    name = rule(user=(10, 3600))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: passes(name, user_id=1), range(100)))
    assert answers.count(True) == 10


def test_the_control_that_reads_and_then_writes_lets_more_pass(rule: Callable[..., str]) -> None:
    """The negative control: get, decide, set, as a limiter on top of a cache does."""
    key = f"limit:control:{uuid.uuid4().hex}"

    def careless(_: int) -> bool:
        used = int(client().get(key) or 0)  # type: ignore[arg-type]
        if used >= 10:
            return False
        client().set(key, used + 1)
        return True

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(careless, range(100)))
    assert answers.count(True) > 10


def test_every_bucket_counts_and_a_refused_call_uses_none(rule: Callable[..., str]) -> None:
    name = rule(user=(3, 3600), address=(5, 3600))
    assert [passes(name, user_id=1, address="192.0.2.1") for _ in range(6)] == [True] * 3 + [False] * 3
    assert [passes(name, user_id=2, address="192.0.2.1") for _ in range(3)] == [True, True, False]
    assert passes(name, user_id=2, address="192.0.2.2")


def test_somebody_without_a_value_is_not_counted_together_with_others(rule: Callable[..., str]) -> None:
    name = rule(user=(1, 3600))
    assert all(passes(name, user_id=None) for _ in range(3))
    assert limits.take("an_action_without_a_rule", user_id=1) is None


def test_with_valkey_down_people_may_go_on(rule: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    name = rule(user=(1, 3600))

    class Dead:
        def eval(self, *_: Any) -> None:
            raise Down

    monkeypatch.setattr(limits, "client", Dead)
    assert all(passes(name, user_id=1) for _ in range(3))


def test_a_level_has_a_bucket_of_its_own_beside_everybodys(rule: Callable[..., str]) -> None:
    name = rule(**{"user": (3, 3600), "user.0": (1, 3600)})
    assert [passes(name, user_id=1, level=0) for _each in range(2)] == [True, False]
    assert [passes(name, user_id=2, level=1) for _each in range(4)] == [True, True, True, False]
    assert [passes(name, user_id=1) for _each in range(3)] == [True, True, False]  # the refused call counted nowhere
