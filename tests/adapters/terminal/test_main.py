"""The command line as people and programs meet it: output, exit status, one sentence."""

import asyncio
import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.terminal.main import main
from adapters.terminal.operations import RuleShare, Sweep
from adapters.terminal.screen import Screen
from bot.domain.job import JobState, Lineage
from bot.domain.record import RecordId, Search
from bot.errors import (
    ConfigError,
    NotAllowed,
    NotFound,
    Problem,
    ProviderDown,
    ProviderRefused,
    StorageError,
    WrongInput,
)
from tests.fakes.program import FakeProgram
from tests.fakes.values import make_job, make_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def run(program, *words):
    out, err = io.StringIO(), io.StringIO()
    status = main(program, words, screen=Screen(out=out, err=err))
    return Ran(status=status, out=out.getvalue(), err=err.getvalue())


def test_imagine_passes_everything_on():
    """One parser for all front ends: the shell's words reach it as they are."""
    program = FakeProgram()

    ran = run(program, "imagine", "a", "fox", "--ar", "16:9", "-m", "v2", "--n=2")

    assert ran.status == 0
    assert program.asked == [("imagine", "a fox --ar 16:9 -m v2 --n=2")]


def test_imagine_shows_the_picture_and_its_file():
    ran = run(FakeProgram(), "imagine", "a fox")

    assert "0000000000000001-1" in ran.out
    assert "/data/images/ab/fox.png" in ran.out
    assert "42" in ran.out


def test_progress_goes_to_the_side():
    """Plain lines off a terminal, none of them twice; the result speaks for itself."""
    ran = run(FakeProgram(), "imagine", "a fox", "--json")

    assert ran.err.splitlines() == ["Queued.", "Drawing …"]
    assert ran.json["job"]["state"] == "done"
    assert [record["seed"] for record in ran.json["records"]] == [42]


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "imagine", "a"),
        ("imagine", "--json", "a"),
        ("imagine", "a", "--json"),
    ],
    ids=["before", "between", "after"],
)
def test_json_may_stand_anywhere_behind_the_command(words):
    """`--json` is the terminal's, never a part of the prompt."""
    program = FakeProgram()

    ran = run(program, *words)

    if words[0] == "--json":
        assert ran.status == 2
    else:
        assert program.asked == [("imagine", "a")]
        assert ran.json


def test_reproduce_names_what_was_changed():
    lineage = Lineage(
        parent_id="x", typed_prompt="a fox", changes=("aspect ratio 1:1 to 9:16",)
    )
    program = FakeProgram(job=make_job(lineage=lineage))

    ran = run(program, "reproduce", "00-1", "--ar", "9:16")

    assert program.asked == [("reproduce", "00-1", "--ar 9:16")]
    assert "Changed: aspect ratio 1:1 to 9:16." in ran.out


def test_reproduce_wants_the_record_first():
    ran = run(FakeProgram(), "reproduce", "--ar", "9:16")

    assert ran.status == 2
    assert "ideogram-bot reproduce ID" in ran.err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(WrongInput("Wrong."), 2, id="wrong input"),
        pytest.param(NotAllowed("Not allowed."), 3, id="policy"),
        pytest.param(ProviderRefused("Refused."), 3, id="safety check"),
        pytest.param(ProviderDown("Down."), 1, id="provider"),
        pytest.param(NotFound("No such record."), 1, id="not found"),
        pytest.param(StorageError("Disk full."), 1, id="storage"),
        pytest.param(ConfigError([Problem("A", "Is b.", "Do c.")]), 1, id="settings"),
        pytest.param(
            ExceptionGroup(
                "tasks", [ExceptionGroup("t", [StorageError("Disk full.")])]
            ),
            1,
            id="among tasks",
        ),
    ],
)
def test_an_error_is_a_sentence_and_a_status(error, status):
    """Scripts read the status, people the sentence; nobody a traceback."""
    ran = run(FakeProgram(error=error, progress=()), "imagine", "a fox", "--json")

    assert ran.status == status
    assert ran.out == ""
    expected = "Disk full." if isinstance(error, ExceptionGroup) else error.text
    assert ran.err.strip() == expected


def test_a_bug_keeps_its_traceback():
    """What nobody foresaw is not dressed up as a sentence."""
    bug = ExceptionGroup("tasks", [StorageError("Disk full."), KeyError("a")])

    with pytest.raises(ExceptionGroup):
        run(FakeProgram(error=bug), "run")


@pytest.mark.parametrize(
    ("kind", "status"),
    [("ProviderRefused", 3), ("NotAllowed", 3), ("WrongInput", 2), ("OutOfCredit", 1)],
)
def test_a_failed_job_is_told_and_counted_as_failed(kind, status):
    job = make_job(state=JobState.FAILED, error="It did not work.", error_kind=kind)

    ran = run(FakeProgram(job=job, records=(), progress=()), "imagine", "a", "--json")

    assert ran.status == status
    assert ran.json["job"]["error"] == "It did not work."
    assert ran.json["records"] == []
    assert ran.err == "It did not work.\n"


def test_a_cancelled_job_is_no_success():
    job = make_job(state=JobState.CANCELLED)

    ran = run(FakeProgram(job=job, records=(), progress=()), "imagine", "a")

    assert (ran.status, ran.err) == (1, "The job was cancelled.\n")


def test_an_unsafe_picture_counts_as_refused():
    """Nothing was kept, so nothing can be shown."""
    unsafe = make_record(is_safe=False, stored_path=None)

    ran = run(FakeProgram(records=(unsafe,), progress=()), "imagine", "a")

    assert ran.status == 3
    assert "safety check" in ran.err


@pytest.mark.parametrize(
    ("progress", "sentence"),
    [
        pytest.param(("Queued.",), "The job is written down", id="after"),
        pytest.param((), "If the job was written down", id="before"),
    ],
)
def test_a_stop_says_what_becomes_of_the_job(progress, sentence):
    """Ctrl-C cancels the wait; a job that is written down is never lost."""
    program = FakeProgram(progress=progress, error=asyncio.CancelledError())
    out, err = io.StringIO(), io.StringIO()

    def stopped_by_hand(action):
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(action)
        raise KeyboardInterrupt

    status = main(
        program, ["imagine", "a"], screen=Screen(out=out, err=err), run=stopped_by_hand
    )

    assert status == 1
    assert sentence in err.getvalue()


def test_show_gives_every_column():
    ran = run(FakeProgram(), "show", "0000")

    assert ran.status == 0
    assert "expanded_prompt" in ran.out
    assert "a fox in the snow" in ran.out
    assert "campaign, fox" in ran.out


def test_show_json_is_the_record():
    ran = run(FakeProgram(), "show", "0000", "--json")

    assert ran.json["id"] == "0000000000000001-1"
    assert ran.json["tags"] == ["campaign", "fox"]
    assert ran.json["pinned"] is False


def test_search_reads_every_option():
    program = FakeProgram(records=())

    ran = run(
        program, "search", "red", "fox", "--seed", "7", "--tag", "a", "--tag", "b",
        "--model", "v2", "--user", "U1", "--channel", "C1", "--since", "2026-01-01",
        "--until", "2026-01-31", "--limit", "5", "--cursor", "00-1",
    )  # fmt: skip

    assert ran.status == 0
    assert program.asked == [
        Search(
            words="red fox",
            seed=7,
            tags=("a", "b"),
            model="v2",
            user_id="U1",
            channel_id="C1",
            since=datetime(2026, 1, 1, tzinfo=UTC),
            until=datetime(2026, 2, 1, tzinfo=UTC),
            limit=5,
            cursor="00-1",
        )
    ]


def test_search_json_is_a_list_also_when_empty():
    assert run(FakeProgram(records=()), "search", "--json").json == []


def test_a_search_in_vain_shows_no_empty_table():
    ran = run(FakeProgram(records=()), "search")

    assert (ran.out, ran.err) == ("", "No records found.\n")


def test_a_full_page_tells_how_to_go_on():
    ran = run(FakeProgram(), "search", "--limit", "1")

    assert "--cursor 0000000000000001-1" in ran.err


def test_jobs_keep_their_secrets():
    """A job's return address is nobody's business."""
    ran = run(FakeProgram(), "jobs", "--state", "done", "--json")

    [job] = ran.json
    assert job["id"] == "0000000000000001"
    assert job["attempts"] == 1
    assert "secret" not in ran.out


def test_report_json_has_the_documented_form():
    totals = {"images": 1, "bytes": 1_500_000, "cost_usd": 0.08}

    ran = run(FakeProgram(), "report", "--json")

    assert ran.json == {
        "total": totals,
        "by_model": {"V_2": totals},
        "by_user": {"U1": totals},
        "by_channel": {"C1": totals},
        "by_workspace": {"T1": totals},
        "by_style": {"DESIGN": totals},
        "by_day": {"2026-01-01": totals},
    }


def test_report_for_people():
    ran = run(FakeProgram(), "report")

    assert ran.out.startswith(
        "=== Image Storage Report ===\n"
        "Total images: 1\n"
        "Total size: 1.4 MB\n"
        "Total cost: 0.08 USD\n"
        "\n"
        " V_2: 1 images  ########################################\n"
    )
    assert "1,500,000" in ran.out
    assert "0.08" in ran.out


def test_a_dry_run_shows_the_plan():
    program = FakeProgram()

    ran = run(program, "cleanup", "--older-than", "0", "--dry-run")

    assert program.asked == [("cleanup", 0, True)]
    assert "0000000000000001-1" in ran.out
    assert "Would delete 1 record and 1 file (1,500,000 bytes)." in ran.out


def test_a_plan_tells_rules_orphans_and_what_is_left_alone():
    """Who reads it knows what will go, why, and what will not."""
    sweep = Sweep(
        records=3,
        files=2,
        size_bytes=9,
        lost=1,
        refusals=("No file was deleted.",),
        by_rule=(RuleShare(rule="rule 1: tag draft: 7 days", records=3, size_bytes=9),),
        orphans=4,
    )
    program = FakeProgram()
    program.sweep = sweep

    ran = run(program, "cleanup", "--dry-run")
    told = run(program, "cleanup", "--dry-run", "--json")

    assert "rule 1: tag draft: 7 days" in ran.out
    assert "Would delete 3 records and 2 files (9 bytes)." in ran.out
    assert "Would delete 4 files without a record." in ran.out
    assert "Would mark the records of 1 lost file." in ran.out
    assert "No file was deleted." in ran.err
    assert told.json == {
        "dry_run": True,
        "records": 3,
        "files": 2,
        "size_bytes": 9,
        "lost": 1,
        "refusals": ["No file was deleted."],
        "orphans": 4,
        "by_rule": [
            {"rule": "rule 1: tag draft: 7 days", "records": 3, "size_bytes": 9}
        ],
        "planned": [],
    }


def test_cleanup_json():
    program = FakeProgram()

    ran = run(program, "cleanup", "--json")

    assert program.asked == [("cleanup", None, False)]
    assert ran.json == {
        "dry_run": False,
        "records": 1,
        "files": 1,
        "size_bytes": 1_500_000,
        "lost": 0,
        "refusals": [],
    }


def test_export_writes_lines():
    ran = run(FakeProgram(), "export")

    assert json.loads(ran.out)["id"] == "0000000000000001-1"


def test_export_json_is_the_seed_list():
    ran = run(FakeProgram(), "export", "--json")

    assert ran.json[0]["styleType"] == "AUTO"
    assert ran.out == run(FakeProgram(), "export", "--format", "json").out


def test_export_to_a_file_says_so(tmp_path):
    output = tmp_path / "records.csv"

    ran = run(
        FakeProgram(), "export", "--format", "csv", "--output", str(output), "--json"
    )

    assert ran.json == {"records": 1, "output": str(output)}
    assert output.read_text().startswith("id,prompt,")


def test_export_never_mixes_forms():
    """`--json` promises one JSON value on standard output."""
    ran = run(FakeProgram(), "export", "--format", "csv", "--json")

    assert (ran.status, ran.out) == (2, "")


@pytest.mark.parametrize("json_flag", [(), ("--json",)])
def test_the_manifest_is_json_either_way(json_flag):
    program = FakeProgram()

    ran = run(program, "slack-manifest", "--url", "https://a.example", *json_flag)

    assert program.asked == [("slack_manifest", "https://a.example")]
    assert ran.json["display_information"]["name"] == "Ideogram"


def test_run_and_sandbox():
    program = FakeProgram()

    assert run(program, "run").status == 0
    assert run(program, "sandbox").status == 0
    assert run(program, "sandbox", "--data", "here").status == 0

    assert program.asked == ["run", ("sandbox", None), ("sandbox", Path("here"))]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("draw",), id="no such command"),
        pytest.param(("show",), id="argument missing"),
        pytest.param(("search", "--sed", "1"), id="no such option"),
        pytest.param(("search", "--seed", "x"), id="no number"),
        pytest.param(("search", "--seed", "9" * 30), id="no seed"),
        pytest.param(("search", "--since", "soon"), id="no date"),
        pytest.param(("jobs", "--state", "lost"), id="no such state"),
        pytest.param(("export", "--format", "xml"), id="no such format"),
        pytest.param(("cleanup", "--older-than", "-1"), id="out of range"),
        pytest.param(("run", "--json"), id="run has no json"),
    ],
)
def test_wrong_usage_is_2(words):
    program = FakeProgram()

    ran = run(program, *words)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err
    assert program.asked == []


def test_strangers_cannot_steer_the_terminal():
    """Prompts come from chat: no markup, no escape codes, no new lines."""
    record = make_record(prompt="[red]a\x1b[2J\nfox[/red]")

    ran = run(FakeProgram(records=(record,)), "search")

    assert "[red]a [2J fox[/red]" in ran.out
    assert "\x1b" not in ran.out


def test_a_long_prompt_is_cut_in_lists_only():
    record = make_record(prompt="x" * 5000, expanded_prompt=None)

    listed = run(FakeProgram(records=(record,)), "search")
    shown = run(FakeProgram(records=(record,)), "show", "00")

    assert "x" * 101 not in listed.out
    assert "x" * 5000 in shown.out


def test_json_holds_every_character():
    record = replace(make_record(), prompt='"\x1b\u2028 été 🦊')

    ran = run(FakeProgram(records=(record,)), "search", "--json")

    assert ran.json[0]["prompt"] == '"\x1b\u2028 été 🦊'


def test_nothing_asked_for_shows_the_help(capsys):
    """A first look at the program, not a mistake to be scolded for."""
    ran = run(FakeProgram())

    assert (ran.status, ran.err) == (2, "")
    assert "imagine" in capsys.readouterr().out


def test_help_and_version(capsys):
    """They are asked for, so they go to standard output."""
    assert run(FakeProgram(), "--help").status == 0
    assert "imagine" in capsys.readouterr().out
    assert run(FakeProgram(), "imagine", "a", "--help").status == 0
    assert "--ar" in capsys.readouterr().out
    assert run(FakeProgram(), "--version").status == 0
    assert capsys.readouterr().out.startswith("ideogram-bot ")


@pytest.mark.parametrize(
    ("command", "default"),
    [("sandbox", "nowhere"), ("cleanup", "RETENTION_DAYS"), ("export", "jsonl")],
)
def test_help_tells_what_an_option_left_out_means(capsys, command, default):
    """Rich takes words in square brackets for markup, and shows nothing."""
    run(FakeProgram(), command, "--help")

    text = capsys.readouterr().out
    assert default in text.replace("<jsonl|json|csv>", "")


def test_bytes_that_are_no_text_are_looked_for_in_vain():
    """A shell hands them over as half characters, which no database takes."""
    program = FakeProgram()

    run(program, "show", "a\udcff")
    run(program, "reproduce", "a\udcff")
    run(program, "search", "--user", "a\udcff", "--cursor", "a\udcff")

    wanted = Search(user_id="a?", cursor=RecordId("a?"))
    assert program.asked == [
        ("show", "a?"),
        ("reproduce", "a?", ""),
        wanted,
    ]


def test_an_unchanged_picture_names_no_changes():
    lineage = Lineage(parent_id="x", typed_prompt="a fox")

    ran = run(FakeProgram(job=make_job(lineage=lineage)), "reproduce", "00-1")

    assert "Changed" not in ran.out
