#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from config.local import services
from config.local.paths import Local, ServiceError

# Everything else may read the database, so it gets one: the embedded services run while the command does.
NEED_NO_DATABASE = {"check", "collectstatic", "compilemessages", "help", "makemessages", "version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in NEED_NO_DATABASE or command.startswith("-") or {"-h", "--help"} & set(sys.argv):
        execute_from_command_line(sys.argv)
        return
    try:
        with services.running(Local(), services.wanted()):
            execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
