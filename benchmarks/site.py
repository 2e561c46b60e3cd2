"""Our own site as a real shop runs it: production settings, `manage.py serve`, PostgreSQL and Valkey, a database each.

Two things differ, and nothing else: the pages come over plain HTTP, and the rate limits are off.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.places import HOUSE, PORT, SERVER_CORE, WORK
from benchmarks.processes import Program, output, program
from benchmarks.stores import Stores

VAR = WORK / "site"
TEMPLATE = "hiroba_empty"
POSTS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Content:
    """What there is to load: paths, ids, and the `Cookie` header of each member who is signed in."""

    database: str
    facts: dict[str, Any]

    @property
    def cookies(self) -> list[str]:
        return [f"__Host-session={key}" for key in self.facts["sessions"]]

    def path(self, name: str) -> str:
        """Of `list`, `item`, `small` (20 replies), `middle_of_long` (10,000) or `middle_of_longest` (100,000)."""
        return str(self.facts["paths"][name])

    def thread(self, name: str) -> int:
        return int(self.facts["threads"][name])


def origin(port: int = PORT) -> str:
    return f"http://127.0.0.1:{port}"


def environment(stores: Stores, database: str, **more: str) -> dict[str, str]:
    """What a shop's operator would set."""
    return {
        "DJANGO_SETTINGS_MODULE": "community.config.settings.production",
        "HIROBA_ENV_FILE": "",
        "HIROBA_VAR": str(VAR),
        "SECRET_KEY": "only-for-measuring-" + "0123456789" * 4,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_ORIGIN": origin(),
        "HIROBA_EXTRA_ORIGINS": ",".join(origin(PORT + n) for n in range(1, 5)),
        "HIROBA_SSL_REDIRECT": "off",
        "HIROBA_LIMITS": "off",
        "HIROBA_POSTS_PER_PAGE": str(POSTS_PER_PAGE),
        "HIROBA_LOG_LEVEL": "WARNING",
        "DATABASE_URL": stores.url(database),
        "PGUSER": "postgres",
        "REDIS_URL": stores.redis(0),
        "EMAIL_URL": "smtp+tls://127.0.0.1:587",
        "DEFAULT_FROM_EMAIL": "hiroba@localhost",
        **more,
    }


def manage(stores: Stores, database: str, *words: str, seconds: float = 600) -> str:
    return output(
        f"manage-{words[0]}",
        [sys.executable, "manage.py", *words],
        environment=environment(stores, database),
        cwd=HOUSE,
        seconds=seconds,
    )


def prepare(stores: Stores) -> None:
    """Tables in a database that is copied from then on; compiled messages and collected static files."""
    VAR.mkdir(parents=True, exist_ok=True)
    tables = _digest("*/migrations/*.py", "*/*/migrations/*.py", "requirements/base.txt")
    if not (stores.exists(TEMPLATE) and _is(VAR / "tables", tables)):
        stores.create(TEMPLATE)
        manage(stores, TEMPLATE, "migrate", "--verbosity", "0")
        (VAR / "tables").write_text(tables)
    files = _digest("static/**/*", "realtime/static/**/*", "locale/**/*.po", "community/config/static.py")
    if not _is(VAR / "files", files):
        manage(stores, TEMPLATE, "messages", "--compile")
        manage(stores, TEMPLATE, "collectstatic", "--noinput", "--verbosity", "0")
        (VAR / "files").write_text(files)


def _digest(*patterns: str) -> str:
    """Of every file of the house that fits one of the patterns."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in HOUSE.glob(pattern) if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is(mark: Path, wanted: str) -> bool:
    return mark.exists() and mark.read_text() == wanted


def fill(stores: Stores, scale: int, *, suffix: str = "") -> Content:
    """A new database with `scale` times the common content (0: one thread, one item)."""
    database = f"hiroba_{scale}x{suffix}"
    stores.create(database, like=TEMPLATE)
    text = output(
        f"seed-{scale}x",
        [sys.executable, "-m", "benchmarks.seed", str(scale)],
        environment=environment(stores, database),
        cwd=HOUSE,
        seconds=1200,
    )
    stores.settle(database)
    stores.quiet()
    return Content(database, json.loads(text.splitlines()[-1]))


@contextlib.contextmanager
def serving(
    stores: Stores,
    content: Content,
    *,
    cores: Sequence[Sequence[int]] = ((SERVER_CORE,),),
    **more: str,
) -> Iterator[list[Program]]:
    """One web process for each entry of `cores`, on a port of its own from `PORT` on; `more` is environment."""
    with contextlib.ExitStack() as stack:
        webs = []
        for index, mine in enumerate(cores):
            words = [sys.executable, "manage.py", "serve", "--port", str(PORT + index)]
            webs.append(
                stack.enter_context(
                    program(
                        f"hiroba-{index + 1}",
                        words,
                        cores=mine,
                        environment=environment(stores, content.database, **more),
                        cwd=Path(HOUSE),
                        ports=[PORT + index],
                    )
                )
            )
        yield webs
