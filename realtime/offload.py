"""Runs database work of the sockets off the event loop, in a small pool of threads of its own.

Django's usual bridge puts all of it on ONE thread (trust.md d9: a 2 s query froze another socket for 1.9 s)
or on as many as there are callers (d8: "too many clients"). Here: `db_threads` threads, each giving its
connection back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from django.db import connections

from realtime.conf import live

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=live().db_threads, thread_name_prefix="live-db")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`call(…)` in the pool. Its database connection is given back afterwards."""

    def work() -> T:
        try:
            return call(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(_pool(), work)
