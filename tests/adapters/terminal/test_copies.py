"""Sized copies in the terminal: shown with the picture, and asked for by its id."""

from datetime import UTC, datetime
from pathlib import Path

from adapters.terminal.operations import CopyMade
from bot.domain.copy import Copy
from tests.adapters.terminal.test_main import run
from tests.fakes.program import FakeProgram

COPY = Copy(
    record_id="0000000000000001-1",
    format="instagram",
    stored_path="2026/11/ab/abc.png",
    sha256="ab" * 32,
    size_bytes=2048,
    width=1080,
    height=1080,
    created_at=datetime(2026, 11, 20, tzinfo=UTC),
)


def program(*copies, problem=None):
    made = FakeProgram()
    made.copies, made.problem = list(copies), problem
    return made


def test_copies_are_asked_for_by_the_picture_s_id():
    asked = program()

    assert run(asked, "resize", "0000", "--format", "instagram,800x600").status == 0
    assert asked.asked == [("resize", "0000", "instagram,800x600")]


def test_a_copy_is_shown_with_its_file():
    made = CopyMade(copy=COPY, file=Path("/data/abc.png"))

    ran = run(program(made), "resize", "0000", "--format", "instagram")

    assert "instagram, 1080x1080, PNG, 2 KiB" in ran.out
    assert "/data/abc.png" in ran.out


def test_copies_are_a_key_of_their_own_in_json():
    """What read job and records before reads them still."""
    made = CopyMade(copy=COPY, file=None)

    ran = run(program(made), "resize", "0000", "--format", "instagram", "--json")

    assert set(ran.json) == {"job", "records", "copies"}
    assert ran.json["copies"] == [
        {
            "record_id": "0000000000000001-1",
            "format": "instagram",
            "width": 1080,
            "height": 1080,
            "stored_path": "2026/11/ab/abc.png",
            "sha256": "ab" * 32,
            "size_bytes": 2048,
        }
    ]


def test_a_copy_that_could_not_be_made_is_a_failure():
    """The others are shown all the same."""
    made = CopyMade(copy=COPY, file=None)

    ran = run(
        program(made, problem="4000x4000 is too large."),
        "resize",
        "0000",
        "--format",
        "instagram,4000x4000",
    )

    assert ran.status == 1
    assert "instagram" in ran.out
    assert ran.err.endswith("4000x4000 is too large.\n")


def test_a_format_must_be_given():
    assert run(program(), "resize", "0000").status == 2
