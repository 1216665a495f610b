"""`python -m bot` and the command `ideogram-bot`."""

import sys

import uvloop

from adapters.terminal import main as terminal
from bot.operations import Program


def main() -> None:
    """Do what the command line asks for, then end the process."""
    sys.exit(terminal.main(Program(), sys.argv[1:], run=uvloop.run))


if __name__ == "__main__":
    main()
