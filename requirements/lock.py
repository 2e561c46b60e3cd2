"""Write requirements/*.txt from requirements/*.in: versions and hashes for Python 3.11 to 3.13, no index named.

`make lock` keeps what is locked where it still fits; `python requirements/lock.py --upgrade` takes the newest.
"""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent / "var" / "lock-venv"
OPTIONS = [
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--python-version",
    "3.11",
]


def main() -> None:
    uv = HOME / "bin" / "uv"
    if not uv.exists():
        venv.create(HOME, clear=True, with_pip=True)
        install = [
            HOME / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "-r",
            HERE / "lock.txt",
        ]
        subprocess.run(install, check=True)
    for name in ("base", "dev", "lock"):
        command = [uv, "pip", "compile", *OPTIONS, *sys.argv[1:], f"{name}.in", "-o", f"{name}.txt"]
        subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.DEVNULL)
        print(f"requirements/{name}.txt")


if __name__ == "__main__":
    main()
