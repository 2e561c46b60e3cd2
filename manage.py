#!/usr/bin/env python3
"""Django's command line. A command that needs the database gets the checkout's private servers, if none are named."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.config.settings.dev")
    from django.core.management import execute_from_command_line

    from community.config import private

    with private.for_command(sys.argv[1:]):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
