"""Write benchmarks/requirements/*.txt from *.in as `requirements/lock.py` does: with hashes, no index named.

Run `make lock` once before: it makes the program that is used here.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SITE = HERE.parent.parent / "requirements" / "lock.py"


def main() -> None:
    found = importlib.util.spec_from_file_location("site_lock", SITE)
    assert found is not None and found.loader is not None
    site = importlib.util.module_from_spec(found)
    found.loader.exec_module(site)
    for name in sorted(path.stem for path in HERE.glob("*.in")):
        command = [site.HOME / "bin" / "uv", "pip", "compile", *site.OPTIONS, *sys.argv[1:]]
        subprocess.run([*command, f"{name}.in", "-o", f"{name}.txt"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
        print(f"benchmarks/requirements/{name}.txt")


if __name__ == "__main__":
    main()
