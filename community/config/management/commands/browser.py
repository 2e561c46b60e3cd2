"""`manage.py browser`: see to it that journeys have a Chromium and a Japanese font."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

PACKAGES = ("chromium", "fonts-noto-cjk")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


class Command(BaseCommand):
    help = "Install Chromium for the browser tests if it is missing and this machine lets us."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        missing = self._missing()
        if not missing:
            return
        if os.geteuid() == 0 and shutil.which("apt-get"):
            self.stdout.write(f"Installing {' and '.join(missing)} for the browser tests …")
            self._install(missing)
        if self._missing():
            self.stderr.write(
                f"Browser tests need {' and '.join(self._missing())}: as root, `apt-get install {' '.join(PACKAGES)}`; "
                "or name a Chromium in CHROMIUM. Until then those tests fail and say so."
            )

    def _missing(self) -> list[str]:
        known = os.environ.get("CHROMIUM") or any(shutil.which(name) for name in NAMES)
        missing = [] if known else ["chromium"]
        # Where there is no apt, fonts are the machine's own affair.
        return missing if FONT.exists() or not shutil.which("apt-get") else [*missing, "fonts-noto-cjk"]

    def _install(self, packages: list[str]) -> None:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        quiet: dict[str, Any] = {"env": environment, "stdout": subprocess.DEVNULL}
        if subprocess.run(install, **quiet).returncode:
            subprocess.run(["apt-get", "update", "-qq"], **quiet)
            subprocess.run(install, **quiet)
