"""The scan that `make check` runs over the repository finds what it is for."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from community.config import scan


@pytest.mark.parametrize(
    "line",
    [
        "index-url = https://" + "py" + "pi.org/simple",
        'HOME = "/' + "root/" + 'hiroba"',
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "if access_level != 'user\u202e \u2066// admin':",
    ],
)
def test_what_must_not_be_committed_is_found(tmp_path: Path, line: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "clean.py").write_text("print('/api/v1/ and var/ are fine')\n")
    assert list(scan.faults(tmp_path)) == []
    (tmp_path / "dirty.py").write_text(f"a = 1\n{line}\n", encoding="utf-8")
    assert [fault.split(": ")[0] for fault in scan.faults(tmp_path)] == ["dirty.py:2"]


def test_the_lock_files_name_no_index_and_hold_a_hash_for_every_package() -> None:
    for path in sorted((Path(settings.BASE_DIR) / "requirements").glob("*.txt")):
        lines = path.read_text().splitlines()
        assert not [line for line in lines if "://" in line or line.startswith(("-i", "--index", "--extra", "--find"))]
        pins = [number for number, line in enumerate(lines) if "==" in line and not line.startswith((" ", "#"))]
        assert pins
        assert all("--hash=sha256:" in lines[number + 1] for number in pins)
