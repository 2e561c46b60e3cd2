"""The parent of several web processes, as a program of its own: `manage.py serve --processes 2` becomes this one.

It needs nothing of Django, which would cost it 80 MB for as long as the site runs.
"""

import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from community.config import logs
from community.config.lifeline import follow_parent
from community.config.serving.family import CannotStart, Family
from community.config.serving.listening import Address, CannotListen
from community.config.settings.env import HOUSE


def become_parent(count: int, address: Address, logging: Mapping[str, Any]) -> NoReturn:
    """Replace this process, keeping its number, its open files and its lifeline."""
    if address.unix:
        address = dataclasses.replace(address, unix=str(Path(address.unix).absolute()))
    order = json.dumps({"count": count, "address": dataclasses.asdict(address), "logging": dict(logging)})
    sys.stdout.flush()
    os.chdir(HOUSE)
    os.execv(sys.executable, [sys.executable, "-m", "community.config.serving", order])  # noqa: S606


def main(order: str) -> None:
    wanted = json.loads(order)
    logs.configure(wanted["logging"])
    follow_parent()
    try:
        Family(wanted["count"], Address(**wanted["address"])).run()
    except (CannotListen, CannotStart) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
