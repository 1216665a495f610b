"""Which process works the jobs of a database."""

import signal
import subprocess
import sys

import pytest

from bot.errors import StorageError
from storage.lock import OwnerLock

HOLD = """
import sys, pathlib
from storage.lock import OwnerLock
lock = OwnerLock(pathlib.Path(sys.argv[1]))
print(lock.try_acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "bot.db"


@pytest.fixture
def other(path):
    """Another process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"True\n"
        yield process
        process.kill()


def test_one_process_owns_the_database(path, other):
    lock = OwnerLock(path)

    assert not lock.try_acquire()


def test_the_lock_dies_with_its_process(path, other):
    """After kill -9 the next start must not need a helping hand."""
    other.send_signal(signal.SIGKILL)
    other.wait(timeout=10)

    lock = OwnerLock(path)

    assert lock.try_acquire()
    lock.release()


def test_a_lock_is_ones_own_until_it_is_released(path):
    lock, other = OwnerLock(path), OwnerLock(path)
    assert lock.try_acquire()
    assert lock.try_acquire()

    assert not other.try_acquire()
    lock.release()
    assert other.try_acquire()
    other.release()


def test_a_folder_that_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StorageError):
        OwnerLock(tmp_path / "file" / "bot.db").try_acquire()


def test_a_link_leads_to_the_same_lock(tmp_path):
    """Two runs on one database would pay for everything twice."""
    (tmp_path / "bot.db").touch()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "bot.db")
    first, second = OwnerLock(tmp_path / "bot.db"), OwnerLock(link)

    assert first.try_acquire()
    assert not second.try_acquire()
    first.release()
