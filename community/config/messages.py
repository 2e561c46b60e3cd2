"""Message catalogs: one per area, read from code and templates, compiled with Babel (no gettext binary is needed).

An area's catalog is `locale/<area>/ja/LC_MESSAGES/django.po`. Its strings come from the area's Python package and from
`templates/<area>/`; base page, components and error pages belong to core, the pages and mails of allauth to members.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGE = "ja"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATES = {
    "core": ("base.html", "components", "errors", "core"),
    "members": ("members", "account", "allauth", "socialaccount", "mfa"),
    "config": ("config", "admin"),
}
CALL = re.compile(r"\b(gettext|ngettext|pgettext|npgettext|_)\(")
LITERAL = re.compile(r"\s*u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|\{(\w+)\}")
Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Found:
    """One translatable string and where it stands."""

    singular: str
    plural: str | None
    context: str | None
    place: str

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.singular, self.plural) if self.plural else self.singular

    @property
    def key(self) -> Key:
        return self.context, self.singular


@dataclass(frozen=True, slots=True)
class Area:
    house: Path
    name: str

    @property
    def po(self) -> Path:
        return self.house / "locale" / self.name / LANGUAGE / "LC_MESSAGES" / "django.po"

    @property
    def code(self) -> Path:
        return self.house / ("realtime" if self.name == "realtime" else f"community/{self.name}")

    def found(self) -> Iterator[Found]:
        """Every translatable string of the area."""
        for path in sorted(self.code.rglob("*.py")):
            if "migrations" not in path.parts:
                yield from in_python(path, str(path.relative_to(self.house)))
        for path in self._templates():
            yield from in_template(path.read_text(encoding="utf-8"), str(path.relative_to(self.house)))

    def _templates(self) -> list[Path]:
        roots = [self.house / "templates" / name for name in TEMPLATES.get(self.name, (self.name,))]
        roots.append(self.code / "templates")
        files = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*"))]
        return sorted(path for path in files if path.suffix in {".html", ".txt"})

    def catalog(self) -> Catalog:
        """What is translated so far."""
        if not self.po.exists():
            return Catalog(
                locale=LANGUAGE,
                domain="django",
                header_comment=f"# Hiroba in Japanese: {self.name}.",
                project="Hiroba",
                version="1",
                msgid_bugs_address="-",
                last_translator="Hiroba",
                language_team="Hiroba",
                fuzzy=False,
            )
        with self.po.open("rb") as file:
            return read_po(file, locale=LANGUAGE, domain="django")


def in_python(path: Path, place: str) -> Iterator[Found]:
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, KEYWORDS, options={"encoding": "utf-8"}):
            singular, plural = message if isinstance(message, tuple) else (message, None)
            yield Found(singular, plural, context, place)


def in_template(source: str, place: str) -> Iterator[Found]:
    """Django turns a template into calls of gettext between blanks; the calls are read from there."""
    text = templatize(source, origin=place)
    for call in CALL.finditer(text):
        words = _literals(text, call.end())
        if not words:
            continue
        name = call.group(1)
        context = words.pop(0) if "p" in name.removesuffix("gettext") else None
        plural = words[1] if name.startswith("n") else None
        yield Found(words[0], plural, context, place)


def _literals(text: str, at: int) -> list[str]:
    words = []
    while match := LITERAL.match(text, at):
        words.append(str(ast.literal_eval(match.group(1))))
        at = match.end()
    return words


def update(area: Area, *, prune: bool) -> bool:
    """Bring the area's catalog up to its sources; translations stay. True if it changed."""
    fresh = Catalog(locale=LANGUAGE, domain="django")
    for found in area.found():
        fresh.add(found.id, locations=[(found.place, 0)], context=found.context)
    catalog = area.catalog()
    if not len(fresh) and not len(catalog):
        return False
    born = catalog.creation_date
    catalog.update(fresh, no_fuzzy_matching=True)
    catalog.creation_date = born  # a date that changes by itself would be a change in every diff
    if prune:
        catalog.obsolete.clear()
    out = BytesIO()
    write_po(out, catalog, width=110, include_lineno=False, sort_output=False, sort_by_file=True)
    before = area.po.read_bytes() if area.po.exists() else b""
    if out.getvalue() == before:
        return False
    area.po.parent.mkdir(parents=True, exist_ok=True)
    area.po.write_bytes(out.getvalue())
    return True


def compile_area(area: Area) -> bool:
    """Write the .mo if the .po is newer. True if it was written."""
    mo = area.po.with_suffix(".mo")
    if not area.po.exists() or (mo.exists() and mo.stat().st_mtime_ns >= area.po.stat().st_mtime_ns):
        return False
    draft = mo.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, area.catalog())
    draft.replace(mo)
    return True


def faults(area: Area) -> Iterator[str]:
    """What is wrong with the area's catalog, one sentence each."""
    catalog = area.catalog()
    wanted = {found.key: found for found in area.found()}
    have = {(message.context, _singular(message)): message for message in catalog if message.id}
    for key, found in sorted(wanted.items(), key=lambda pair: pair[1].place):
        message = have.get(key)
        if message is None or not all(_strings(message)):
            yield f"{found.place}: not translated: {found.singular!r}"
    for key, message in have.items():
        where = f"locale/{area.name}"
        if key not in wanted:
            yield f"{where}: no longer used: {key[1]!r}"
        if message.fuzzy:
            yield f"{where}: fuzzy: {key[1]!r}"
        yield from (f"{where}: {fault}" for fault in placeholder_faults(message))
    yield from (f"locale/{area.name}: obsolete: {_singular(message)!r}" for message in catalog.obsolete.values())


def conflicts(areas: list[Area]) -> Iterator[str]:
    """All areas are one namespace at run time: the same words cannot have two translations without a context."""
    seen: dict[Key, tuple[str, list[str]]] = {}
    for area in areas:
        for message in area.catalog():
            if not message.id or not all(_strings(message)):
                continue
            key = (message.context, _singular(message))
            other, strings = seen.setdefault(key, (area.name, _strings(message)))
            if strings != _strings(message):
                yield f"{key[1]!r} is {strings} in {other} and {_strings(message)} in {area.name}: give one a context"


def placeholder_faults(message: Message) -> Iterator[str]:
    ids = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    wanted = _placeholders(ids[-1])  # the singular may leave the number out
    for string in _strings(message):
        if string and (_placeholders(string) - wanted or wanted - _placeholders(string) - {"count", "counter"}):
            yield f"placeholders differ: {ids[-1]!r} and {string!r}"


def _placeholders(text: str) -> set[str]:
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def _singular(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _strings(message: Message) -> list[str]:
    return [str(part) for part in (message.string if isinstance(message.string, tuple | list) else [message.string])]
