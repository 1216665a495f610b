"""Recorded answers become pictures, tickets or errors with a sentence."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.errors
from bot.domain.drawing import Drawn, DrawnImage, Ticket
from bot.domain.request import ImageRequest
from bot.errors import (
    NothingDrawn,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderRefused,
    RequestRejected,
)
from bot.ideogram.wire import Answer, palette_body, read_answer, read_poll

SAMPLES = Path(__file__).parents[2] / "samples" / "ideogram"
NEW_YEAR = datetime(2000, 1, 1, tzinfo=UTC)
REQUEST = ImageRequest(
    prompt="as typed", model="V_2", seed=7, aspect_ratio="ASPECT_16_9"
)


def samples(kind: str):
    cases = {p.stem: json.loads(p.read_text()) for p in sorted(SAMPLES.glob("*.json"))}
    return [
        pytest.param(case, id=name)
        for name, case in cases.items()
        if kind in case["expect"]
    ]


def answer_of(case: dict[str, Any]) -> Answer:
    body = case["text"] if "text" in case else json.dumps(case["json"])
    return Answer(
        status=case["status"], headers=case.get("headers", {}), body=body.encode()
    )


def read(answer: Answer, request: ImageRequest = REQUEST) -> Drawn | Ticket:
    return read_answer(answer, request, provider="Ideogram", now=NEW_YEAR)


def poll(body: Any, status: int = 200) -> Drawn | None:
    answer = Answer(status=status, headers={}, body=json.dumps(body).encode())
    return read_poll(answer, REQUEST, provider="Pixazo", now=NEW_YEAR)


@pytest.mark.parametrize("case", samples("images"))
def test_pictures_are_read_leniently(case):
    """Gateways leave fields out and add their own; nothing of that may lose a picture."""
    images = tuple(DrawnImage(**image) for image in case["expect"]["images"])

    assert read(answer_of(case)) == Drawn(images=images)


@pytest.mark.parametrize("case", samples("ticket"))
def test_tickets_are_kept(case):
    """A ticket is paid for: it must not read as a failure."""
    assert read(answer_of(case)) == Ticket(id=case["expect"]["ticket"], request=REQUEST)


@pytest.mark.parametrize("case", samples("error"))
def test_failures_are_typed_and_explained(case):
    """What follows depends on the type; what the person does, on the sentence."""
    expect = case["expect"]

    with pytest.raises(ProviderError) as failed:
        read(answer_of(case))

    error = failed.value
    assert type(error) is getattr(bot.errors, expect["error"])
    assert all(words in error.text for words in expect["says"]), error.text
    assert error.text.endswith(".")
    assert "\n" not in error.text
    assert "sk-" not in error.text
    waited = expect.get("retry_after")
    assert error.retry_after == (None if waited is None else timedelta(seconds=waited))


def test_a_date_is_measured_by_our_clock_when_the_server_shows_none():
    """Retry-After may come without a Date beside it."""
    answer = Answer(
        status=429, headers={"retry-after": "Sat, 01 Jan 2000 00:00:30 GMT"}, body=b""
    )

    with pytest.raises(ProviderError) as failed:
        read(answer)

    assert failed.value.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        pytest.param({"resolution": "640x1024"}, "640x1024", id="as asked"),
        pytest.param({"aspect_ratio": "ASPECT_9_16"}, "736x1312", id="of the ratio"),
        pytest.param({}, "1024x1024", id="of no ratio"),
        pytest.param(
            {"aspect_ratio": "ASPECT_7_5"}, "unknown", id="of a strange ratio"
        ),
    ],
)
def test_a_missing_resolution_is_filled_in(changes, size):
    """A record's resolution is never empty."""
    body = json.dumps({"data": [{"url": "https://ideogram.ai/a.png"}]}).encode()
    request = ImageRequest(prompt="a fox", model="V_2", **changes)

    drawn = read(Answer(status=200, headers={}, body=body), request)

    assert isinstance(drawn, Drawn)
    assert drawn.images[0].resolution == size


# --- polling ----------------------------------------------------------------


@pytest.mark.parametrize("status", ["processing", "IN_QUEUE", "pending", "running"])
def test_a_ticket_that_is_being_drawn_is_no_answer_yet(status):
    """Gateways name the states in their own ways."""
    assert poll({"job_set_id": "5", "status": status, "data": None}) is None


def test_a_finished_ticket_brings_its_pictures():
    """The document's own example."""
    data = [{"url": "https://ideogram.ai/a.png", "seed": 3, "is_image_safe": True}]

    drawn = poll({"job_set_id": "5", "status": "completed", "data": data})

    assert drawn is not None
    assert drawn.images[0].seed == 3


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({"status": "failed"}, NothingDrawn, id="failed"),
        pytest.param(
            {"status": "Failed", "failure_reason": "content_policy_violation"},
            ProviderRefused,
            id="refused",
        ),
        pytest.param(
            {"job_set_id": "5", "status": "completed"}, NothingDrawn, id="bare"
        ),
        pytest.param({"status": "completed", "data": []}, NothingDrawn, id="empty"),
    ],
)
def test_a_ticket_that_failed_is_final(body, error):
    """Asking again would only ask for the same failure."""
    with pytest.raises(error) as failed:
        poll(body)

    assert not failed.value.retryable


# --- parts of calls ---------------------------------------------------------


def test_a_preset_goes_by_its_name():
    """`color_palette` is either a name or colours."""
    assert palette_body("JUNGLE") == {"name": "JUNGLE"}


def test_colours_go_with_their_weights():
    """A weight is optional."""
    assert palette_body("#FF0000:0.6,#00ff00") == {
        "members": [
            {"color_hex": "#FF0000", "color_weight": 0.6},
            {"color_hex": "#00ff00"},
        ]
    }


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(10**30, id="more than a column holds"),
        pytest.param("9" * 6000, id="more digits than Python reads"),
        pytest.param(-5, id="below zero"),
        pytest.param(4.5, id="a fraction"),
        pytest.param(True, id="a truth value"),
    ],
)
def test_an_impossible_seed_does_not_cost_the_picture(seed):
    """It was paid for; the seed that was sent stands in."""
    item = {"url": "https://ideogram.ai/a.png", "seed": seed}
    body = json.dumps({"data": [item]}).encode()

    drawn = read(Answer(status=200, headers={}, body=body))

    assert isinstance(drawn, Drawn)
    assert [image.seed for image in drawn.images] == [REQUEST.seed]


def test_half_a_character_is_replaced():
    """No database, no platform and no page takes one."""
    body = b'{"data": [{"url": "https://ideogram.ai/a.png", "prompt": "a \\ud800 b"}]}'

    drawn = read(Answer(status=200, headers={}, body=body))

    assert isinstance(drawn, Drawn)
    assert drawn.images[0].prompt == "a ? b"


def test_an_answer_has_no_more_pictures_than_can_be_asked_for():
    """A thousand addresses of 50 MiB each would fill the disk."""
    body = json.dumps({"data": [{"url": "https://ideogram.ai/a.png"}] * 1000}).encode()

    drawn = read(Answer(status=200, headers={}, body=body))

    assert isinstance(drawn, Drawn)
    assert len(drawn.images) == 8


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"data":' + b"[" * 100_000])
def test_nesting_without_end_is_no_answer(body):
    """Reading it must not fail in a way that no retry knows."""
    with pytest.raises(ProviderDown):
        read(Answer(status=200, headers={}, body=body))


@pytest.mark.parametrize(
    ("status", "kind"), [(200, RequestRejected), (400, RequestRejected)]
)
def test_a_reason_of_the_wrong_type_is_none(status, kind):
    """A list cannot be looked up; the rest of the complaint still counts."""
    body = json.dumps({"error": "hm", "reject_reason": ["z"], "code": {}}).encode()

    with pytest.raises(kind):
        read(Answer(status=status, headers={}, body=body))


def test_a_date_beyond_all_calendars_is_none():
    """A time zone of a million hours must not fail the job."""
    headers = {"retry-after": "Mon, 20 Nov 2026 00:00:00 +99999999999999999999"}

    with pytest.raises(ProviderBusy) as failed:
        read(Answer(status=429, headers=headers, body=b"{}"))

    assert failed.value.retry_after is None
