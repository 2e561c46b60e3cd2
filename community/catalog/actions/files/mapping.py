"""The column map: a TOML file that says which cell of which file means what (docs/plug-in-a-shop.md).

A field is the name of a column, or a table with one of `column`, `columns`, `first_of`, `template` or `value`, and
with what is done to the cell then: `map`, `starts_with`, `split`, `default`.
"""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from community.catalog.actions.files.errors import FileError
from community.catalog.actions.files.source import Picker, Source

PRESETS = Path(__file__).resolve().parents[2] / "presets"
_ROW = "external_id updated_at"
LINE_FIELDS = frozenset(["item", "title", "quantity", "unit_price", "state", "delivered_at", "ended_at"])
FIELDS: dict[str, frozenset[str]] = {
    "creators": frozenset(f"{_ROW} name craft place craft_started_year bio bio_format links joined_at".split()),
    "items": frozenset(
        (
            f"{_ROW} title description description_format creator series category price currency state url"
            " published_at attributes tags pictures variants listings"
        ).split()
    ),
    "customers": frozenset(f"{_ROW} country email".split()),
    "orders": frozenset(f"{_ROW} customer kind placed_at currency channel lines".split()),
}
SHOP_FIELDS = frozenset({"slug", "name", "currency", "time_zone", "site_url"})
SOURCES = ("column", "columns", "first_of", "template", "value")
STEPS = frozenset({"map", "starts_with", "split", "default", "join", "optional"})
Step = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that are to stay out, and why: those whose `column` is one of `values` or fits `pattern`."""

    column: str
    reason: str
    values: frozenset[str] = frozenset()
    pattern: "re.Pattern[str] | None" = None

    def hits(self, cell: Any) -> bool:
        text = str(cell or "")
        return text in self.values or bool(self.pattern and self.pattern.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Section:
    """How one kind of rows is read."""

    kind: str
    files: tuple[str, ...]
    fields: dict[str, Any]
    lines: dict[str, Any] = field(default_factory=dict)
    group_by: str = ""
    rules: tuple[Rule, ...] = ()

    def find(self, folder: Path) -> Path | None:
        return next((folder / name for name in self.files if (folder / name).is_file()), None)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole column map. `shop` describes the shop that the rows belong to, when it has to be made."""

    name: str
    shop: dict[str, str]
    sections: tuple[Section, ...]


def preset_names() -> list[str]:
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def preset_path(name: str) -> Path:
    return PRESETS / f"{name}.toml"


def load_mapping(path: Path) -> Mapping:
    """Read and check a column map; raises `FileError` that names the wrong entry."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError(f"{path.name}: {error}") from error
    _only_known(path.name, raw, {"shop", *FIELDS})
    shop = raw.get("shop", {})
    _only_known(f"{path.name} [shop]", shop, SHOP_FIELDS)
    sections = tuple(_section(path.name, kind, raw[kind]) for kind in FIELDS if kind in raw)
    if not sections:
        raise FileError(
            _("%(file)s maps nothing: it needs one of %(kinds)s.") % {"file": path.name, "kinds": list(FIELDS)}
        )
    return Mapping(name=path.stem, shop=shop, sections=sections)


def _section(name: str, kind: str, raw: dict[str, Any]) -> Section:
    place = f"{name} [{kind}]"
    raw = dict(raw)
    files = raw.pop("file", None)
    files = (files,) if isinstance(files, str) else tuple(files or ())
    if not files or not all(isinstance(one, str) and Path(one).name == one for one in files):
        raise FileError(_("%(place)s: “file” must name a file of the folder.") % {"place": place})
    rules = tuple(_rule(place, one) for one in raw.pop("refuse", ()))
    group_by = raw.pop("group_by", "")
    lines = raw.pop("lines", {}) if group_by else {}
    if "external_id" not in raw:
        raise FileError(_("%(place)s: “external_id” is missing.") % {"place": place})
    _only_known(place, raw, FIELDS[kind])
    _only_known(f"{place} lines", lines, LINE_FIELDS)
    for field_name, spec in [*raw.items(), *lines.items()]:
        _check_spec(f"{place} {field_name}", spec, nested=field_name == "attributes")
    return Section(kind=kind, files=files, fields=raw, lines=lines, group_by=group_by, rules=rules)


def _rule(place: str, raw: dict[str, Any]) -> Rule:
    _only_known(f"{place} refuse", raw, {"column", "reason", "values", "pattern"})
    try:
        pattern = re.compile(raw["pattern"]) if "pattern" in raw else None
        return Rule(raw["column"], raw["reason"], frozenset(raw.get("values", ())), pattern)
    except (KeyError, re.error) as error:
        raise FileError(f"{place} refuse: {error}") from error


def _check_spec(place: str, spec: Any, *, nested: bool) -> None:
    if isinstance(spec, str):
        return
    if not isinstance(spec, dict):
        raise FileError(_("%(place)s: a column name or a table is expected.") % {"place": place})
    if nested and not set(spec) & set(SOURCES):
        for name, one in spec.items():
            _check_spec(f"{place}.{name}", one, nested=False)
        return
    _only_known(place, spec, STEPS | set(SOURCES))
    if len(set(spec) & set(SOURCES)) != 1:
        raise FileError(_("%(place)s: exactly one of %(words)s is needed.") % {"place": place, "words": SOURCES})


def _only_known(place: str, given: dict[str, Any], known: Any) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise FileError(_("%(place)s: “%(name)s” is unknown.") % {"place": place, "name": unknown[0]})


def compiled(fields: dict[str, Any], source: Source) -> Callable[[Any], dict[str, Any]]:
    """A function from a record's cells to a raw row; raises `FileError` for a column that the file lacks."""
    pickers = [(name, _picker(spec, source, nested=name == "attributes")) for name, spec in fields.items()]
    kept = [(name, picker) for name, picker in pickers if picker is not None]
    return lambda cells: {name: pick(cells) for name, pick in kept}


def _picker(spec: Any, source: Source, *, nested: bool = False) -> Picker | None:
    if isinstance(spec, str):
        return _column(spec, source)
    if nested and not set(spec) & set(SOURCES):
        return compiled(spec, source)
    if spec.get("optional") and not source.has(spec.get("column", "")):
        return None
    pick, steps = _source(spec, source), _steps(spec)
    if not steps:
        return pick
    if len(steps) == 1:
        (step,) = steps
        return lambda cells: step(pick(cells))
    return lambda cells: _through(steps, pick(cells))


def _source(spec: dict[str, Any], source: Source) -> Picker:
    if "value" in spec:
        value = spec["value"]
        return lambda cells: value
    if "column" in spec:
        return _column(spec["column"], source)
    if "template" in spec:
        return _template(spec["template"], source)
    picks = [_column(name, source) for name in spec.get("columns") or spec["first_of"]]
    if "first_of" in spec:
        return lambda cells: next((found for pick in picks if (found := pick(cells))), "")
    joiner = spec.get("join", "\n\n")
    return lambda cells: joiner.join(str(found) for pick in picks if (found := pick(cells)))


def _template(template: str, source: Source) -> Picker:
    picks = {name: _column(name, source) for name in re.findall(r"\{([^{}]+)\}", template)}
    return lambda cells: re.sub(r"\{([^{}]+)\}", lambda found: str(picks[found[1]](cells) or ""), template)


def _column(name: str, source: Source) -> Picker:
    if not source.has(name):
        raise FileError(_("%(file)s has no column “%(name)s”.") % {"file": source.path.name, "name": name})
    return source.picker(name)


def _steps(spec: dict[str, Any]) -> list[Step]:
    steps: list[Step] = []
    if "map" in spec:
        table = spec["map"]
        steps.append(lambda cell: table.get(str(cell), cell))
    if "starts_with" in spec:
        prefixes = tuple(spec["starts_with"].items())
        steps.append(lambda cell: next((word for start, word in prefixes if str(cell).startswith(start)), ""))
    if "split" in spec:
        separator = spec["split"]
        steps.append(lambda cell: _split(cell, separator))
    if "default" in spec:
        default = spec["default"]
        steps.append(lambda cell: cell or default)
    return steps


def _split(cell: Any, separator: str) -> Any:
    """A list out of one cell: separated words, or JSON. What is no list stays as it is and is refused later."""
    if not isinstance(cell, str):
        return cell
    if not cell.strip():
        return []
    if separator != "json":
        return [part.strip() for part in cell.split(separator) if part.strip()]
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _through(steps: list[Step], cell: Any) -> Any:
    for step in steps:
        cell = step(cell)
    return cell
