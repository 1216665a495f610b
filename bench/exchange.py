"""What exports and imports of a million records cost, by the real command.

    python -m bench.exchange [--count 1000000] [--forms jsonl,csv,json,tar] [--file FILE]

Builds the records (with --file: keeps them there, and finds them the next time), exports
them in each form and imports that into an empty database, whose export must be the same
again, byte for byte. Beside them bare loops over sqlite3 and json in processes of their
own. The peak is the kernel's, of the whole process.
"""

import argparse
import filecmp
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.million import build, is_built

ROOT = Path(__file__).parent.parent
BARE_EXPORT = """
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1])
rows.row_factory = sqlite3.Row
with open(sys.argv[2], "w") as out:
    for row in rows.execute("SELECT * FROM generations ORDER BY seq"):
        out.write(json.dumps(dict(row), ensure_ascii=False) + "\\n")
"""
BARE_IMPORT = """
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
lines = map(json.loads, open(sys.argv[2]))
first = next(lines)
names = ", ".join(first)
marks = ", ".join(f":{name}" for name in first)
db.execute(f"CREATE TABLE generations ({names})")
db.execute("CREATE UNIQUE INDEX by_id ON generations (id)")
db.execute(f"INSERT INTO generations VALUES ({marks})", first)
db.executemany(f"INSERT INTO generations VALUES ({marks})", lines)
db.commit()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--forms", default="jsonl,csv,json,tar")
    parser.add_argument("--file", type=Path, help="keep the records here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.file or Path(folder, "million.db")
        if not is_built(database):
            build(database, given.count)
        forget_pictures(database)
        print(f"{'':22} {'s':>8} {'records/s':>10} {'peak MiB':>9}")
        words = ["-m", "bot", "search", "--limit", "1"]
        measure("first start: update", given.count, words, Path(folder), database)
        bare(Path(folder), database, given.count)
        forms = given.forms.split(",")
        for form in forms:
            export(Path(folder, f"one.{form}"), database, given.count)
        for form in forms:
            take_in(Path(folder, f"one.{form}"), given.count)


def forget_pictures(database: Path) -> None:
    """The records of this bench name pictures that nobody drew."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE generations SET stored_path = NULL WHERE stored_path <> ''")
        db.commit()


def bare(folder: Path, database: Path, count: int) -> None:
    file, copy = folder / "bare.jsonl", folder / "bare.db"
    measure("bare export", count, ["-c", BARE_EXPORT, str(database), str(file)], folder)
    measure("bare import", count, ["-c", BARE_IMPORT, str(copy), str(file)], folder)
    file.unlink()
    copy.unlink()


def export(file: Path, database: Path, count: int, *, what: str = "export") -> None:
    form = file.suffix.removeprefix(".")
    words = ["-m", "bot", "export", "--format", form, "--output", str(file)]
    measure(f"{what} {form}", count, words, file.parent, database)


def take_in(file: Path, count: int) -> None:
    """Import a file into an empty database, and see whether all of it came."""
    copy, again = file.with_name("copy.db"), file.with_stem("two")
    words = ["-m", "bot", "import", str(file)]
    measure(f"import {file.suffix[1:]}", count, words, file.parent, copy)
    export(again, copy, count, what="export again")
    if not filecmp.cmp(file, again, shallow=False):
        sys.exit(f"{file.name}: what came back is not what was exported.")
    for done in (file, again, *file.parent.glob("copy.db*")):
        done.unlink()


def measure(
    name: str, count: int, words: list[str], folder: Path, database: Path | None = None
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite:///{database}",
        "FILES_URL": f"file:{folder / 'images'}",
    }
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    peak = 0
    while process.poll() is None:
        peak = peak_of(process.pid) or peak
        time.sleep(0.05)
    took = time.perf_counter() - begun
    if process.returncode:
        sys.exit(f"{name}: exit status {process.returncode}")
    print(f"{name:22} {took:8.1f} {count / took:10,.0f} {peak / 1024:9.0f}", flush=True)


def peak_of(pid: int) -> int:
    """Give the most KiB that the process had so far; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(
        (
            int(line.split()[1])
            for line in status.splitlines()
            if line.startswith("VmHWM")
        ),
        0,
    )


if __name__ == "__main__":
    main()
