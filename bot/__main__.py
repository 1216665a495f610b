"""`python -m bot` and the command `ideogram-bot`."""

import os
import sys


def main() -> None:
    """Do what the command line asks for, then end the process."""
    _open_standard_streams()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:  # before there was anything to stop, or once more
        sys.exit(1)


def _run() -> int:
    # Half a second in which Ctrl-C is pressed as well.
    import uvloop  # noqa: PLC0415

    from adapters.terminal import main as terminal  # noqa: PLC0415
    from bot.operations import Program  # noqa: PLC0415

    return terminal.main(Program(), sys.argv[1:], run=uvloop.run)


def _open_standard_streams() -> None:
    """Stand in for the standard streams that whoever started this has closed.

    Else the next file that is opened gets the number of one of them: the event loop aborts,
    or what is said ends up in the database.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


if __name__ == "__main__":
    main()
