"""What pictures in flight add to the process's memory, measured from outside.

    python -m bench.memory [--pictures 50] [--mib 10] [--transfer 1.0] [--in-flight 50]

As many commands as pictures are sent at once, and every picture takes its time on the way
in and on the way out, so that they really are under way together. Peaks are the kernel's
(VmHWM); a minute or so in all.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.programs import Doubles, Meter, bot, doubles

_MIB = 1024 * 1024
_AIM = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent."""

    pictures: int
    picture_bytes: int
    transfer_s: float
    in_flight: int


def measure(there: Doubles, platform: str, load: Load, folder: Path) -> None:
    started = bot(
        there,
        folder,
        slack=platform == "slack",
        discord=platform == "discord",
        IDEOGRAM_MAX_IN_FLIGHT=str(load.in_flight),
    )
    with started as program:
        meter, to = Meter(program), f"{platform}:bot"
        there.set_scene(picture_bytes=1_500_000, transfer_s=0)
        at_start = meter.rss
        there.commands(to, count=3, at_once=1)
        time.sleep(1)
        idle = meter.rss
        meter.forget_highest()
        there.set_scene(picture_bytes=load.picture_bytes, transfer_s=load.transfer_s)
        there.commands(to, count=load.pictures, at_once=load.pictures)
        peak = meter.highest_rss
    print(
        f"{platform:8} {at_start / _MIB:12.1f} {idle / _MIB:15.1f} {peak / _MIB:7.1f}"
        f" {(peak - idle) / _MIB:13.1f} {(peak - at_start) / _MIB:15.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=50)
    parser.add_argument("--mib", type=float, default=10, help="size of a picture")
    parser.add_argument(
        "--transfer", type=float, default=1.0, help="seconds a picture takes each way"
    )
    parser.add_argument(
        "--in-flight", type=int, default=50, help="IDEOGRAM_MAX_IN_FLIGHT"
    )
    options = parser.parse_args()
    load = Load(
        pictures=options.pictures,
        picture_bytes=int(options.mib * _MIB),
        transfer_s=options.transfer,
        in_flight=options.in_flight,
    )
    print(f"{load.pictures} pictures of {options.mib:g} MiB at once; MiB of RSS")
    print("platform  after start  after 3 small    peak  over the last  over the start")
    with tempfile.TemporaryDirectory() as name, doubles(Path(name, "doubles")) as there:
        for platform in ("slack", "discord"):
            measure(there, platform, load, Path(name, platform))
    print(f"The aim: less than {_AIM} over the program before them.")


if __name__ == "__main__":
    main()
