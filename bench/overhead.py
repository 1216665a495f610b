"""What the whole path costs, beside bare scripts and SDKs that do as little as possible.

    python -m bench.overhead [--rounds 3] [--counts 40,120,200] [--only pictures,idle,acks]

Everything runs in one go against zero-latency doubles in another process, one subject
after the other, in changing order; a table of medians comes out. Takes about two minutes.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.programs import Doubles, Meter, bot, doubles, listen, running, tell

AT_ONCE = (1, 10, 100)
BURST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A program that makes pictures; `run` gives the seconds *count* of them took."""

    name: str
    run: Callable[[int, int], float]
    meter: Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measurement."""

    cpu_ms: float  # a picture
    rate: float  # pictures a second


def measure(subject: Subject, count: int, at_once: int) -> Figure:
    before = subject.meter.cpu_s
    seconds = subject.run(count, at_once)
    time.sleep(0.1)  # what is still noted after the last picture is a part of its cost
    used = subject.meter.cpu_s - before
    return Figure(cpu_ms=used / count * 1000, rate=count / seconds)


# --- pictures ---------------------------------------------------------------


def compare(
    subjects: Sequence[Subject], counts: Sequence[int], rounds: int
) -> dict[tuple[str, int], list[Figure]]:
    """Measure all in turn, the order moving on with each round."""
    figures: dict[tuple[str, int], list[Figure]] = {}
    for subject in subjects:
        measure(subject, 20, 10)  # imports, connections, page cache
    for number in range(rounds):
        for at_once, count in zip(AT_ONCE, counts, strict=True):
            shift = number % len(subjects)
            for subject in (*subjects[shift:], *subjects[:shift]):
                figure = measure(subject, count, at_once)
                figures.setdefault((subject.name, at_once), []).append(figure)
    return figures


def print_pictures(figures: dict[tuple[str, int], list[Figure]]) -> None:
    print("\nPictures of 1.5 MB, from command to posted and recorded")
    print(
        "at once  subject         CPU ms a picture (range)   pictures/s   CPU: ×httpx  ×aiohttp"
    )
    for at_once in AT_ONCE:
        for name in ("ideogram-bot", "bare httpx", "bare aiohttp"):
            mine = figures[name, at_once]
            cpu = [figure.cpu_ms for figure in mine]
            ratios = [
                _median(a.cpu_ms / b.cpu_ms for a, b in zip(mine, other, strict=True))
                for other in (
                    figures["bare httpx", at_once],
                    figures["bare aiohttp", at_once],
                )
            ]
            print(
                f"{at_once:7}  {name:14}  {_median(cpu):6.2f}  "
                f"({min(cpu):5.2f}-{max(cpu):5.2f})      "
                f"{_median(f.rate for f in mine):8.1f}        "
                f"{ratios[0]:5.2f}     {ratios[1]:5.2f}"
            )


# --- latencies --------------------------------------------------------------


def print_idle(there: Doubles, count: int) -> None:
    """Send one command at a time to a bot that has nothing else to do."""
    times = []
    for _ in range(count):
        answer = there.commands("slack:bot", count=1, at_once=1)
        times += answer["first_calls"]
        time.sleep(0.05)
    print(f"\nIdle command to first call to Ideogram, {count} times: {_spread(times)}")


def print_acks(there: Doubles, rounds: int) -> None:
    """Send bursts to each app in turn."""
    groups = {
        "slack-bolt alone, as it comes": ("slack:bolt", False),
        "slack-bolt alone, set up as here": ("slack:bolt_as_here", False),
        "ideogram-bot on Slack": ("slack:bot", True),
        "discord.py alone": ("discord:alone", False),
        "ideogram-bot on Discord": ("discord:bot", True),
    }
    acks: dict[str, list[float]] = {name: [] for name in groups}
    for number in range(rounds + 1):
        for name, (app, draws) in groups.items():
            times = there.commands(app, count=BURST, at_once=BURST, draws=draws)
            if number:  # the first round warms up
                acks[name] += times["acks"]
            time.sleep(0.2)
    print(f"\nAcknowledgement, {BURST} commands at once, {rounds} times")
    for name, times in acks.items():
        print(f"  {name:34} {_spread(times)}")


def _spread(seconds: Sequence[float]) -> str:
    times = sorted(second * 1000 for second in seconds)
    at_99 = times[min(len(times) - 1, round(len(times) * 0.99))]
    return (
        f"median {_median(times):6.1f} ms  p99 {at_99:6.1f} ms  max {times[-1]:6.1f} ms"
    )


def _median(values: Iterator[float] | Sequence[float]) -> float:
    return statistics.median(values)


# --- everything -------------------------------------------------------------


@contextmanager
def bare(which: str, there: Doubles, folder: Path) -> Iterator[Subject]:
    with running("bench.bare", which, there.address, str(folder), folder=folder) as one:
        listen(one)
        yield Subject(
            name=f"bare {which}",
            run=lambda count, at_once: tell(one, {"count": count, "at_once": at_once}),
            meter=Meter(one),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--counts", default="40,120,200", help="pictures at 1, 10, 100 at once"
    )
    parser.add_argument("--only", default="pictures,idle,acks")
    parser.add_argument("--idle", type=int, default=50, help="commands to an idle bot")
    options = parser.parse_args()
    parts = options.only.split(",")
    counts = [int(count) for count in options.counts.split(",")]
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        there = stack.enter_context(doubles(root / "doubles"))
        program = stack.enter_context(
            bot(there, root / "bot", slack=True, discord=True)
        )
        ours = Subject(
            name="ideogram-bot",
            run=lambda count, at_once: there.commands(
                "slack:bot", count=count, at_once=at_once
            )["seconds"],
            meter=Meter(program),
        )
        if "pictures" in parts:
            with (
                bare("httpx", there, root / "httpx") as one,
                bare("aiohttp", there, root / "aiohttp") as other,
            ):
                print_pictures(compare([ours, one, other], counts, options.rounds))
        if "idle" in parts:
            print_idle(there, options.idle)
        if "acks" in parts:
            for name in ("bolt", "bolt-as-here", "discord"):
                alone = running("bench.alone", name, there.address, folder=root / name)
                stack.enter_context(alone)
            there.wait_for("slack:bolt", "slack:bolt_as_here", "discord:alone")
            time.sleep(1)
            print_acks(there, options.rounds)


if __name__ == "__main__":
    main()
