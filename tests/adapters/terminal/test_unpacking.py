"""A tar read back: what is in it, and what a strange one may not do."""

import asyncio
import hashlib
import io
import json
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.terminal.exporting import write_file
from adapters.terminal.forms import Format
from adapters.terminal.importing import open_source
from adapters.terminal.main import main
from adapters.terminal.screen import Screen
from bot.domain.exchange import as_json
from bot.domain.importing import Enclosed
from bot.errors import WrongInput
from tests.bot.domain.test_exchange import records as any_records
from tests.fakes.program import FakeExport, FakeProgram
from tests.fakes.values import make_record

LINE = json.dumps(as_json(make_record(stored_path=None))).encode() + b"\n"
DIGEST = hashlib.sha256(b"picture").hexdigest()
PATH = f"2026/01/{DIGEST[:2]}/{DIGEST}.png"


def member(name, *, content=b"", kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(content)
    return info, content


@pytest.fixture
def read(tmp_path):
    """Give the lines of a tar with these members."""

    def read(*members, form=tarfile.USTAR_FORMAT):
        file = tmp_path / "all.tar"
        with tarfile.open(file, "w", format=form) as tar:
            for info, content in members:
                tar.addfile(info, io.BytesIO(content))
        return list(open_source(file, None).read())

    return read


def test_pictures_and_records_are_found(read, tmp_path):
    """Also in a tar that was packed anew: other order, folders, a dot before names."""
    lines = read(
        member("./", kind=tarfile.DIRTYPE),
        member("./records/1.jsonl", content=LINE + LINE),
        member(f"./images/{PATH}", content=b"picture"),
    )

    assert [line.number for line in lines] == [2, 2, 3]
    assert lines[0].content == make_record(stored_path=None)
    picture = lines[2].content
    assert (picture.path, picture.size) == (PATH, 7)
    source = open_source(tmp_path / "all.tar", None)
    with source.open_picture(picture) as content:
        assert content.read() == b"picture"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param(member("/etc/passwd"), "neither below", id="absolute"),
        pytest.param(member("../bot.db"), "neither below", id="outside"),
        pytest.param(member("notes.txt"), "neither below", id="stranger"),
        pytest.param(
            member(f"images/{PATH}", kind=tarfile.SYMTYPE, target="/etc/passwd"),
            "no plain file",
            id="symlink",
        ),
        pytest.param(
            member(f"images/{PATH}", kind=tarfile.LNKTYPE, target="records/1.jsonl"),
            "no plain file",
            id="hard link",
        ),
        pytest.param(
            member(f"images/{PATH}", kind=tarfile.CHRTYPE), "no plain file", id="device"
        ),
        pytest.param(
            member("records/1.jsonl", kind=tarfile.FIFOTYPE), "no plain file", id="pipe"
        ),
        pytest.param(
            member("records/1.jsonl", content=b"no\n"),
            "records/1.jsonl, line 1: It is no JSON",
            id="line",
        ),
        pytest.param(member("records/1.jsonl", content=b"\xff\n"), "UTF-8", id="bytes"),
    ],
)
def test_what_does_not_belong_there_is_named(read, wrong, told):
    """And what stands behind it is still read."""
    lines = read(wrong, member("records/2.jsonl", content=LINE))

    assert [line.number for line in lines] == [1, 2]
    assert told in lines[0].content.text
    assert lines[1].content == make_record(stored_path=None)


def test_a_name_that_leaves_the_folder_is_no_key(read):
    """Whether it is one the import asks, before it stores anything."""
    (line,) = read(member("images/../../bot.db", content=b"x"))

    assert line.content == Enclosed(path="../../bot.db", start=512, size=1)


def test_a_name_that_needs_an_extension_is_wrong(read):
    lines = read(member("images/" + "a" * 300), form=tarfile.PAX_FORMAT)

    assert "no plain file" in lines[0].content.text


def sparse(size):
    info, _ = member(f"images/{PATH}")
    info.size = size
    return info.tobuf(format=tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "cut off", id="empty"),
        pytest.param(b"x" * 512, "no tar", id="another file"),
        pytest.param(sparse(7) + b"pict", "cut off", id="cut off"),
        pytest.param(sparse(2**60), "cut off", id="larger than the file"),
        pytest.param(sparse(-(2**40)), "cut off", id="less than nothing"),
        pytest.param(sparse(0)[:100], "no tar", id="half a header"),
    ],
)
def test_a_damaged_tar_is_named(tmp_path, content, told):
    file = tmp_path / "all.tar"
    file.write_bytes(content)

    (line,) = open_source(file, None).read()

    assert told in line.content.text


def test_a_tar_without_an_end_is_cut_off(read, tmp_path):
    read(member("records/1.jsonl", content=LINE))
    file = tmp_path / "all.tar"
    file.write_bytes(file.read_bytes()[: 512 + len(LINE) + -len(LINE) % 512])

    *_, last = open_source(file, None).read()

    assert isinstance(last.content, WrongInput)


@given(st.lists(any_records(), max_size=6))
@settings(max_examples=30, deadline=None)
def test_every_record_comes_back(records):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "all.tar")
        asyncio.run(write_file(FakeExport(records), Format.TAR, file, lambda _: None))

        assert [line.content for line in open_source(file, None).read()] == records


def test_members_are_what_is_named(tmp_path):
    file = tmp_path / "all.tar"
    with tarfile.open(file, "w") as tar:
        info, content = member("records/1.jsonl", content=LINE + b"no\n")
        tar.addfile(info, io.BytesIO(content))
    out, err = io.StringIO(), io.StringIO()

    main(FakeProgram(), ["import", str(file)], screen=Screen(out=out, err=err))

    assert err.getvalue().startswith("Member 1: records/1.jsonl, line 2: ")
