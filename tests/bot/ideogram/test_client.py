"""Ideogram over HTTP: each route, each way to fail, over real sockets."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.domain.drawing import Drawn, Ticket
from bot.domain.request import ImageRequest, MagicPrompt
from bot.errors import (
    KeyRejected,
    NothingDrawn,
    NotSent,
    ProviderBusy,
    ProviderDown,
    ProviderRefused,
    RequestRejected,
)
from tests.fakes import ideogram
from tests.fakes.ideogram import ideogram_double
from tests.fakes.incoming import MemoryFile
from tests.fakes.sockets import raw_server
from tests.fakes.waiting import until


def a_request(**changes) -> ImageRequest:
    return ImageRequest(**{"prompt": "a fox", "model": "V_2", "seed": 42, **changes})


class Naps:
    """A sleep that takes no time and remembers how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


# --- drawing ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "model", "path"),
    [
        ("official", "V_2", "/generate"),
        ("official", "V_3", "/v1/ideogram-v3/generate"),
        ("bearer", "V_2A", "/ideogram/generate"),
        ("bearer", "V_3", "/ideogram/v1/ideogram-v3/generate"),
        ("pixazo", "V_2", "/ideogramV_2/v1/generate"),
        ("pixazo", "V_2_TURBO", "/ideogramV_2_Turbo/v1/generate"),
        ("sandbox", "V_1_TURBO", "/generate"),
    ],
)
async def test_every_route_draws_and_downloads(double, make_client, route, model, path):
    """The same request over every gateway, as strict as their documents."""
    client = make_client(double.url, route)

    drawn = await client.draw(a_request(model=model, magic_prompt=MagicPrompt.OFF))
    file = MemoryFile()
    content_type = await client.download(drawn.images[0].url, file)

    assert [call.path for call in double.calls] == [path]
    assert drawn.images[0].prompt == "a fox"
    assert drawn.images[0].seed == 42
    assert content_type == "image/png"
    assert file.content.startswith(b"\x89PNG")


async def test_everything_that_can_be_asked_for_is_accepted(double, make_client):
    """Names and spellings hold against the checks of the real service."""
    v2 = a_request(
        seed=0,
        resolution="1024x640",
        negative_prompt="text",
        style_type="RENDER_3D",
        color_palette="#FF0000:0.5,#00FF00",
        count=3,
        magic_prompt=MagicPrompt.ON,
    )
    v3 = a_request(
        model="V_3",
        seed=2_147_483_647,
        aspect_ratio="ASPECT_4_5",
        negative_prompt="text",
        style_type="FICTION",
        color_palette="MELON",
        rendering_speed="QUALITY",
        count=8,
    )
    v45 = a_request(model="V_4_5", seed=0, resolution="3328x1248", count=2)
    client = make_client(
        double.url, webhook_url="https://bot.example.com/webhooks/ideogram"
    )

    first, second = await client.draw(v2), await client.draw(v3)
    third = await client.collect(await client.draw(v45))

    assert len(first.images) == 3
    assert {image.resolution for image in first.images} == {"1024x640"}
    assert {image.style_type for image in first.images} == {"RENDER_3D"}
    assert len(second.images) == 8
    assert second.images[0].prompt != "a fox"
    assert [image.seed for image in third.images] == [0, 1]
    assert {image.resolution for image in third.images} == {"3328x1248"}


async def test_an_unknown_model_is_refused_before_the_call(double, client):
    """A record of a model that is gone must not cost a call."""
    with pytest.raises(RequestRejected, match="--model"):
        await client.draw(a_request(model="V_9"))

    assert not double.calls


async def test_a_model_the_route_lacks_is_refused_before_the_call(double, make_client):
    """Pixazo has no V_3."""
    with pytest.raises(RequestRejected, match="Pixazo does not offer the model V_3"):
        await make_client(double.url, "pixazo").draw(a_request(model="V_3"))

    assert not double.calls


async def test_unsafe_pictures_are_no_error(double, client):
    """The job tells the person; the answer was paid for and is whole."""
    drawn = await client.draw(a_request(prompt="something unsafe"))

    assert drawn.images[0].url is None
    assert not drawn.images[0].is_safe


async def test_items_of_a_partly_unsafe_answer_stay_in_order(double, client):
    """url, seed and prompt belong together."""
    double.faults.generate.append(ideogram.unsafe_items(1))

    drawn = await client.draw(a_request(count=3))

    assert [image.is_safe for image in drawn.images] == [True, False, True]
    assert [image.seed for image in drawn.images] == [42, 43, 44]


# --- errors -----------------------------------------------------------------


@pytest.mark.parametrize("route", ["official", "bearer", "pixazo"])
async def test_a_wrong_key_is_told_apart(double, make_client, route):
    """Each gateway refuses in its own words."""
    client = make_client(double.url, route, key="wrong")

    with pytest.raises(KeyRejected, match="IDEOGRAM_API_KEY"):
        await client.draw(a_request())


async def test_a_refused_prompt_is_told_apart(client):
    """422: another prompt helps, another try does not."""
    with pytest.raises(ProviderRefused):
        await client.draw(a_request(prompt="prohibited things"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(ideogram.server_error(), ProviderDown, id="500"),
        pytest.param(ideogram.server_error(503), ProviderDown, id="503"),
        pytest.param(ideogram.no_json(), ProviderDown, id="no json"),
        pytest.param(ideogram.cut_off(), ProviderDown, id="cut off"),
        pytest.param(ideogram.busy(), ProviderBusy, id="busy"),
        pytest.param(ideogram.empty_data(), NothingDrawn, id="empty"),
    ],
)
async def test_a_failed_call_is_sent_once(double, client, fault, error):
    """Whether it is sent again is the job's to decide: it may cost."""
    double.faults.generate.append(fault)

    with pytest.raises(error):
        await client.draw(a_request())

    assert len(double.calls) == 1


async def test_the_providers_own_wait_is_handed_on(double, client):
    """Retry-After wins over our own back-off."""
    double.faults.generate.append(ideogram.busy(retry_after=7))

    with pytest.raises(ProviderBusy) as failed:
        await client.draw(a_request())

    assert failed.value.retry_after == timedelta(seconds=7)


async def test_too_many_in_flight_is_busy(make_client):
    """The provider's own limit; nothing is drawn."""
    async with ideogram_double(max_in_flight=0) as double:
        with pytest.raises(ProviderBusy):
            await make_client(double.url).draw(a_request())


async def test_no_answer_in_time_is_given_up(double, client, make_client):
    """It may have been drawn, so it does not count as not sent."""
    await client.draw(a_request())  # opens the connection, which takes its own time
    double.faults.generate.append(ideogram.silence())
    hasty = make_client(double.url, timeout=timedelta(seconds=0.2))

    with pytest.raises(ProviderDown, match="charged is not known"):
        await hasty.draw(a_request())

    await until(lambda: len(double.calls) == 2)


async def test_nobody_listening_means_not_sent(make_client):
    """Nothing was charged, so it may be tried again at will."""
    async with raw_server(None) as server:
        url = server.url

    with pytest.raises(NotSent, match="nothing charged"):
        await make_client(url).draw(a_request())


async def test_a_redirect_is_not_followed(make_client):
    """The key and a paid call would go to another place."""

    async def redirect(reader, writer):
        await reader.request()
        writer.write(
            b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /generate\r\n"
            b"Content-Length: 0\r\n\r\n"
        )
        await reader.closed()

    async with raw_server(redirect) as server:
        with pytest.raises(RequestRejected, match="IDEOGRAM_BASE_URL"):
            await make_client(server.url).draw(a_request())

    assert server.requests == 1


async def test_an_endless_answer_is_given_up(make_client):
    """An answer is some kilobytes; memory is not the provider's to fill."""

    async def flood(reader, writer):
        await reader.request()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    async with raw_server(flood) as server:
        with pytest.raises(ProviderDown, match="far more"):
            await make_client(server.url).draw(a_request())


async def test_neither_key_nor_prompt_is_logged(double, client, caplog):
    """Logs are read by more people than may see either."""
    with caplog.at_level(logging.DEBUG, logger="bot"):
        await client.draw(a_request(prompt="a very private fox"))

    assert "HTTP 200" in caplog.text
    assert double.key not in caplog.text
    assert "private" not in caplog.text


# --- tickets ----------------------------------------------------------------


async def test_a_ticket_is_asked_for_until_it_is_drawn(make_client):
    """Less and less often, and never by another paid call."""
    naps = Naps()
    async with ideogram_double(polls=6) as double:
        client = make_client(
            double.url, "pixazo", sleep=naps, timeout=timedelta(minutes=1)
        )

        ticket = await client.draw(a_request())
        drawn = await client.collect(ticket)

        assert isinstance(ticket, Ticket)
        assert isinstance(drawn, Drawn)
        assert drawn.images[0].seed == 42
        assert naps.seconds == [1, 2, 4, 8, 10, 10]
        assert len(double.calls) == 1
        assert {poll.body["job_set_id"] for poll in double.polls} == {ticket.id}


async def test_v45_answers_with_an_id_and_is_asked_for(make_client):
    """The id is known before the wait, so a crash in the middle is not paid again."""
    naps = Naps()
    async with ideogram_double(polls=2) as double:
        client = make_client(double.url, sleep=naps)

        ticket = await client.draw(a_request(model="V_4_5"))
        drawn = await client.collect(ticket)

        assert isinstance(ticket, Ticket)
        assert drawn.images[0].seed == 42
        assert drawn.images[0].resolution == "2048x2048"
        assert naps.seconds == [1, 2]
        assert len(double.calls) == 1
        assert {p.path for p in double.polls} == {f"/v2/generations/{ticket.id}"}


async def test_an_id_nobody_knows_is_no_free_failure(make_client):
    """It was paid for as likely as not: nobody is told that nothing was charged."""
    async with ideogram_double() as double:
        client = make_client(double.url)

        with pytest.raises(NothingDrawn, match="may have been charged"):
            await client.collect(Ticket(id="nobodys", request=a_request(model="V_4_5")))


async def test_a_ticket_of_an_earlier_life_can_be_collected(make_client):
    """After a restart only the id is known."""
    async with ideogram_double(polls=0) as double:
        client = make_client(double.url, "pixazo")
        ticket = await client.draw(a_request())

        drawn = await client.collect(Ticket(id=ticket.id))

    assert drawn.images[0].seed == 42


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ideogram.server_error(), id="500"),
        pytest.param(ideogram.busy(1), id="busy"),
        pytest.param(ideogram.no_json(), id="no json"),
        pytest.param(ideogram.cut_off(), id="cut off"),
    ],
)
async def test_asking_again_survives_a_bad_moment(make_client, fault):
    """Asking costs nothing; the picture is paid for."""
    async with ideogram_double(polls=1) as double:
        client = make_client(double.url, "pixazo", sleep=Naps())
        ticket = await client.draw(a_request())
        double.faults.poll.append(fault)

        drawn = await client.collect(ticket)

        assert drawn.images[0].url
        assert len(double.calls) == 1


async def test_a_failed_ticket_is_final(make_client):
    """It will not be drawn any more."""
    async with ideogram_double(polls=1) as double:
        client = make_client(double.url, "pixazo", sleep=Naps())
        ticket = await client.draw(a_request())
        double.faults.poll.append(ideogram.Fault(body={"status": "failed"}))

        with pytest.raises(NothingDrawn):
            await client.collect(ticket)


async def test_waiting_for_a_ticket_ends(make_client):
    """It is asked for again by the job, and not paid for again."""
    naps = Naps()
    async with ideogram_double(polls=1000) as double:
        client = make_client(
            double.url, "pixazo", sleep=naps, timeout=timedelta(seconds=20)
        )
        ticket = await client.draw(a_request())

        with pytest.raises(ProviderDown, match="without being paid again"):
            await client.collect(ticket)

    assert naps.seconds == [1, 2, 4, 8, 10]


async def test_a_wrong_key_ends_the_waiting_at_once(make_client):
    """Asking again would not help."""
    async with ideogram_double(polls=1) as double:
        ticket = await make_client(double.url, "pixazo").draw(a_request())

        with pytest.raises(KeyRejected):
            await make_client(double.url, "pixazo", key="wrong").collect(ticket)


async def test_calls_run_side_by_side(make_client):
    """One slow drawing keeps nobody waiting."""
    go = asyncio.Event()
    async with ideogram_double() as double:
        client = make_client(double.url)
        double.faults.generate.append(ideogram.Fault(hold=go))
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(client.draw(a_request()))
            await until(lambda: double.calls)
            quick = await client.draw(a_request(prompt="quick"))
            assert not slow.done()
            go.set()

    assert isinstance(quick, Drawn)
    assert isinstance(slow.result(), Drawn)
