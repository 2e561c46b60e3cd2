"""Static files as production serves them: named by their content, modules included."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

IMPORT = re.compile(r"""^(?:import|export)\b[^;'"()]*['"](\.[^'"]+)['"]""", re.MULTILINE)


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> Path:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "community.config.static.HashedStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_every_module_imports_files_that_exist_under_their_hashed_names(collected: Path) -> None:
    hashed = re.compile(r"\.[0-9a-f]{12}\.js$")
    modules = [
        path for folder in ("js", "realtime") for path in (collected / folder).glob("*.js") if hashed.search(path.name)
    ]
    assert modules
    imports = [(path, name) for path in modules for name in IMPORT.findall(path.read_text(encoding="utf-8"))]
    assert imports
    for path, name in imports:
        assert hashed.search(name), f"{path.name} imports {name} by a name that will change its content"
        assert (path.parent / name).resolve().exists(), f"{path.name} imports {name}"
