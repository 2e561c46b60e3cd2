"""The shape of the house, as far as import-linter cannot see it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from taggit.models import ItemBase

HOUSE = Path(settings.BASE_DIR)
STACK = ["realtime", "core", "members", "search", "catalog", "notifications", "threads", "home", "config"]
RULES = ("actions", "queries", "permissions", "models", "facts", "errors", "registry", "trust")
EDGES = ("views", "api", "admin", "forms", "schemas", "tasks", "urls")
OURS = [config for config in apps.get_app_configs() if config.name.startswith(("community.", "realtime"))]


def python_files(*folders: str) -> list[Path]:
    return [
        path for folder in folders for path in sorted((HOUSE / folder).rglob("*.py")) if "migrations" not in path.parts
    ]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module a file imports, `from a import b` counted as `a` and as `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def part_of(path: Path) -> tuple[str, str]:
    """`community/threads/actions/reply.py` is ("threads", "actions")."""
    inside = path.relative_to(HOUSE / "community").parts
    return inside[0], inside[1].removesuffix(".py") if len(inside) > 1 else ""


def foreign_keys() -> list[tuple[type[models.Model], models.ForeignObject]]:
    return [
        (model, field)
        for config in OURS
        for model in config.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignObject) and not field.auto_created
    ]


def test_foreign_keys_point_down_and_leave_no_name_behind() -> None:
    wrong = []
    for model, field in foreign_keys():
        mine, theirs = model._meta.app_label, field.related_model._meta.app_label
        if mine == theirs or theirs not in STACK:
            continue
        if STACK.index(theirs) > STACK.index(mine):
            wrong.append(f"{model.__name__}.{field.name} points up to {theirs}")
        # taggit finds the tags of a row through the name it gave its own key.
        if not field.remote_field.hidden and not issubclass(model, ItemBase):
            wrong.append(f'{model.__name__}.{field.name} leaves {mine} without related_name="+"')
    assert wrong == []


HTTP = ("django.http", "django.shortcuts", "django.views", "django.middleware")


def test_rules_know_nothing_of_http() -> None:
    wrong = [
        f"{path.relative_to(HOUSE)}:{line} imports {module}"
        for path in python_files("community")
        if part_of(path)[0] == "core" or (part_of(path)[0] != "config" and part_of(path)[1] in RULES)
        for line, module in imports(path)
        if module.startswith((*HTTP, "community.core.edge")) and not {"templatetags", "edge"} & set(path.parts)
    ]
    assert wrong == []


def test_edges_serve_their_own_app() -> None:
    wrong = [
        f"{path.relative_to(HOUSE)}:{line} imports {module}"
        for path in python_files("community")
        if part_of(path)[0] not in {"config", "core"} and part_of(path)[1]
        for line, module in imports(path)
        if (found := re.match(r"community\.(\w+)\.(\w+)", module))
        and found.group(2) in EDGES
        and found.group(1) != part_of(path)[0]
    ]
    assert wrong == []


def test_every_app_stands_in_the_contract_of_its_inside() -> None:
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    inside = next(contract for contract in contracts if contract["id"] == "inside")
    built = {path.parent.name for path in (HOUSE / "community").glob("*/__init__.py")} - {"core", "config"}
    assert {f"community.{name}" for name in built} == set(inside["containers"])


def test_nothing_listens_to_django_signals_or_overrides_save() -> None:
    wrong = []
    for path in python_files("community", "realtime"):
        wrong += [
            f"{path.relative_to(HOUSE)}:{line} imports {module}"
            for line, module in imports(path)
            if module.startswith(("django.dispatch", "django.db.models.signals")) and "config" not in path.parts
        ]
    for config in OURS:
        wrong += [
            f"{model.__name__}.save"
            for model in config.get_models()
            if model.save is not models.Model.save and "save" in vars(model)
        ]
    assert wrong == []


def test_only_one_file_reads_the_environment() -> None:
    # What a program hands to its own child is not a setting.
    allowed = {"settings/env.py", "settings/test.py", "asgi.py", "lifeline.py"}
    wrong = [
        f"{path.relative_to(HOUSE)}: os.environ"
        for path in python_files("community", "realtime")
        if re.search(r"os\.environ\.(get|setdefault)|os\.environ\[|os\.getenv", path.read_text(encoding="utf-8"))
        and not any(str(path).endswith(f"community/config/{name}") for name in allowed)
        and "management" not in path.parts
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["base", "dev", "production", "env", "test"])
def test_every_variable_a_setting_reads_is_documented(name: str) -> None:
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (HOUSE / f"community/config/settings/{name}.py").read_text()))
    read |= set(re.findall(r"_named\(\s*\"([A-Z_]+)\"", (HOUSE / f"community/config/settings/{name}.py").read_text()))
    internal = {"HIROBA_TEST_SITE"}
    assert read - internal - documented() == set()


def test_every_documented_variable_is_read() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in python_files("community/config", "tests/support"))
    unread = {name for name in documented() if f'"{name}"' not in text}
    assert unread == set()


def documented() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (HOUSE / ".env.example").read_text(), re.MULTILINE))
