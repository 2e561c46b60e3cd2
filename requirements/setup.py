"""Make .venv: the locked dependencies, each checked against its hash. Needs the standard library only."""

import subprocess
import sys
import venv
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
VENV = HOUSE / ".venv"
LEAST = (3, 11)


def main() -> None:
    if sys.version_info < LEAST:
        sys.exit(
            f"Hiroba needs Python 3.11 or newer; this is {sys.version.split()[0]}. "
            "Name another one: make setup PYTHON=python3.12"
        )
    python = VENV / "bin" / "python"
    if not runs(python):
        print("Making .venv …", flush=True)
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    print("Installing the locked dependencies (the first time takes a minute) …", flush=True)
    lock = HOUSE / "requirements" / "dev.txt"
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--only-binary=:all:",
        "-r",
        lock,
    ]
    if subprocess.run(pip, cwd=HOUSE).returncode:
        sys.exit(
            "The dependencies could not be installed; the lines above say why. "
            "Run `make setup` again when that is mended."
        )
    subprocess.run([python, "manage.py", "messages", "--compile"], cwd=HOUSE, check=True)
    (VENV / ".ready").touch()


def runs(python: Path) -> bool:
    """A virtual environment that was moved, or whose Python was taken away, no longer starts."""
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


if __name__ == "__main__":
    main()
