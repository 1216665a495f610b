"""The app over real sockets: slack-bolt against a Slack on loopback, both transports."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from adapters.slack.app import SlackApp
from adapters.slack.blocks import picture_actions
from adapters.slack.notes import PrivateNotes
from adapters.slack.web import SlackWeb
from bot.chat.actions import buttons
from bot.chat.commands import (
    Change,
    Edit,
    Find,
    Generate,
    Help,
    History,
    More,
    NewSeed,
    PlaceOpened,
    Reproduce,
    Show,
    ShowSettings,
    SubmitBatch,
)
from bot.chat.replies import (
    Accepted,
    EditForm,
    MoreForm,
    Nothing,
    Notice,
    RecordDetail,
    RecordList,
    Refusal,
)
from bot.domain.people import Visibility
from bot.errors import ConfigError
from tests.adapters.slack.making import FixedClock, make_record
from tests.fakes.slack.delivery import SIGNING_SECRET, sign
from tests.fakes.slack.double import Fault
from tests.fakes.slack.model import BOT_USER


class ScriptedDispatch:
    """A core that remembers what it was asked and answers as it was told."""

    def __init__(self, slack) -> None:
        self.slack = slack
        self.commands = []
        self.replies = {}
        self.calls_before = []
        self.hold = None

    async def handle(self, command):
        self.calls_before.append(list(self.slack.api.names()))
        if self.hold is not None:
            await self.hold.wait()
        self.commands.append(command)
        reply = self.replies.get(type(command))
        return reply or Accepted(job_id="0job", text="Drawing now: the picture.")


@pytest.fixture
def dispatch(slack):
    return ScriptedDispatch(slack)


@asynccontextmanager
async def serving_http(app: SlackApp):
    """Mount the app's handler as the web adapter does; give the address."""
    routes = [Route("/slack/events", app.handle_http, methods=["POST"])]
    config = uvicorn.Config(
        Starlette(routes=routes), port=0, lifespan="off", log_config=None, ws="none"
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        sockets = [config.bind_socket()]
        tasks.create_task(server.serve(sockets=sockets))
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/slack/events"
        server.should_exit = True


@pytest.fixture(params=["socket", "http"])
async def app(request, slack, dispatch):
    """The app on one transport; tests with this fixture run on both."""
    is_socket = request.param == "socket"
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(
            SlackWeb(bot_token=slack.bot_token, base_url=slack.base_url)
        )
        app = SlackApp(
            web=web,
            notes=PrivateNotes(web=web, clock=FixedClock()),
            dispatch=dispatch,
            app_token=slack.app_token if is_socket else None,
            signing_secret=None if is_socket else SIGNING_SECRET,
        )
        if is_socket:
            await stack.enter_async_context(app)
            await slack.wait_connected()
        else:
            slack.http.url = await stack.enter_async_context(serving_http(app))
            slack.via = "http"
            await stack.enter_async_context(app)
        await slack.until(lambda: "users.conversations" in slack.api.names())
        yield app


@pytest.fixture
def picture(slack):
    """A message of the bot's with the buttons of one picture."""
    blocks = [picture_actions(buttons("0job-1"))]
    return slack.workspace.add_message("C0PUBLIC", BOT_USER, blocks=blocks)


async def test_slash_command_is_answered_in_its_ack(app, slack, dispatch):
    """The first private note needs no further request."""
    ack = await slack.slash("/imagine a fox --ar 16:9")

    (command,) = dispatch.commands
    assert isinstance(command, Generate)
    assert command.text == "a fox --ar 16:9"
    assert ack.text == "Drawing now: the picture."
    assert slack.notes[0].via == "ack"


async def test_nothing_is_asked_of_slack_before_the_ack(app, slack, dispatch, picture):
    """Three seconds are short; what was acknowledged waited for no network."""
    dispatch.calls_before.clear()
    before = slack.api.names()

    await slack.slash("/imagine a fox")
    await slack.press(picture, "reproduce")
    await slack.mention("imagine a fox")
    await slack.reply_in_thread(picture, "same")

    assert all(calls == before for calls in dispatch.calls_before)
    assert "auth.test" not in slack.api.names()[1:]


async def test_a_mention_is_one_command(app, slack, dispatch):
    """Slack sends `app_mention` and `message`; the event's id is the message's."""
    said, ack = await slack.mention("imagine a fox &amp; a hen")

    (command,) = dispatch.commands
    assert ack.is_acked
    assert command.text == "a fox & a hen"
    assert command.origin.event_id == f"C0PUBLIC:{said.ts}"
    assert command.origin.place.visibility is Visibility.WORKSPACE


async def test_unclear_mention_gets_help(app, slack, dispatch):
    """Nothing is drawn by accident."""
    dispatch.replies[Help] = Notice(text="Type what to draw")

    await slack.mention("what a lovely day")

    note = await slack.wait_for_note("Type what to draw")
    assert (note.via, note.user) == ("ephemeral", "U1")


async def test_reply_in_the_thread_reproduces(app, slack, dispatch, picture):
    """`same --ar 9:16` names the thread's first message."""
    await slack.reply_in_thread(picture, "Same, --ar 9:16")

    (command,) = dispatch.commands
    assert isinstance(command, Reproduce)
    assert command.target.message_id == picture.ts
    assert command.text == "--ar 9:16"
    assert command.origin.place.thread_id == picture.ts


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"bot_id": "B1"}, id="a bot"),
        pytest.param({"subtype": "message_changed"}, id="an edit"),
        pytest.param({"edited": {"user": "U1", "ts": "1.000001"}}, id="edited"),
        pytest.param({"files": [], "subtype": "file_share"}, id="a file"),
        pytest.param({"thread_ts": None}, id="not in a thread"),
    ],
)
async def test_other_messages_are_left_alone(app, slack, dispatch, picture, changes):
    """The bot hears every message of its channels and minds its own business."""
    _, ack = await slack.reply_in_thread(picture, "same", **changes)

    assert ack.is_acked
    assert dispatch.commands == []


async def test_talk_in_a_thread_is_left_alone(app, slack, dispatch, picture):
    """A word that could be a request need not be one."""
    await slack.reply_in_thread(picture, "same here!")

    assert dispatch.commands == []


async def test_own_messages_are_left_alone(app, slack, dispatch, picture):
    """The bot does not answer itself."""
    await slack.reply_in_thread(picture, "same", user=BOT_USER)

    assert dispatch.commands == []


async def test_mention_in_a_thread_reproduces(app, slack, dispatch, picture):
    """`@bot reproduce --seed 7` does what `same --seed 7` does, once."""
    await slack.mention("reproduce --seed 7", thread=picture)

    (command,) = dispatch.commands
    assert isinstance(command, Reproduce)
    assert command.text == "--seed 7"


async def test_mention_below_no_picture_says_so(app, slack, dispatch):
    """Silence would leave the person waiting."""
    dispatch.replies[Reproduce] = Nothing()
    root = slack.workspace.add_message("C0PUBLIC", "U2", text="lunch?")

    await slack.mention("reproduce", thread=root)

    note = await slack.wait_for_note("no picture of mine")
    assert note.thread_ts == root.ts


async def test_direct_message_is_spoken_to_the_bot(app, slack, dispatch):
    """In a direct message nobody needs to mention the bot."""
    slack.workspace.direct("U1")

    await slack.say("imagine a fox", channel="DU1")

    (command,) = dispatch.commands
    assert isinstance(command, Generate)
    assert command.origin.place.visibility is Visibility.OWNER


async def test_reproduce_and_new_seed_press(app, slack, dispatch, picture):
    """Buttons carry the record's id; the note does not replace the picture."""
    await slack.press(picture, "reproduce", "0job-1")
    await slack.press(picture, "new_seed", "0job-1")

    again, new = dispatch.commands
    assert isinstance(again, Reproduce)
    assert again.is_press
    assert again.target == "0job-1"
    assert isinstance(new, NewSeed)
    note = await slack.wait_for_note("Drawing now")
    assert not note.replaces


async def test_shortcut_reproduces(app, slack, dispatch, picture):
    """The message shortcut works where one cannot reply."""
    await slack.shortcut(picture)

    (command,) = dispatch.commands
    assert command.target.message_id == picture.ts
    await slack.wait_for_note("Drawing now")


async def test_edit_opens_a_filled_in_form(app, slack, dispatch, picture):
    """What was typed is there to be changed; sent, it is drawn in the same channel."""
    dispatch.replies[Edit] = EditForm(
        record_id="0job-1", prompt="a fox", flags="--seed 42"
    )
    await slack.press(picture, "edit")
    view = await slack.wait_for_view()

    await slack.submit_view(view, flags="--seed 7")

    command = dispatch.commands[-1]
    assert isinstance(command, Generate)
    assert command.text == "a fox --seed 7"
    assert command.origin.place.channel_id == "C0PUBLIC"
    assert command.origin.place.visibility is Visibility.WORKSPACE
    assert not view.is_open


async def test_wrong_flags_keep_the_form_open(app, slack, dispatch, picture):
    """Nothing typed is lost; the field says what is wrong."""
    dispatch.replies[Edit] = EditForm(
        record_id="0job-1", prompt="a fox", flags="--sed 4"
    )
    dispatch.replies[Generate] = Refusal(text="--sed is no flag. Did you mean --seed?")
    await slack.press(picture, "edit")
    view = await slack.wait_for_view()

    ack = await slack.submit_view(view)

    assert ack.errors == {"flags": "--sed is no flag. Did you mean --seed?"}
    assert view.is_open


async def test_more_pins_and_tags(app, slack, dispatch, picture):
    """The form says what it did."""
    dispatch.replies[More] = MoreForm(
        record_id="0job-1", is_pinned=False, tags="fox", can_delete=True
    )
    dispatch.replies[Change] = Notice(text="Pinned.")
    await slack.press(picture, "more")
    view = await slack.wait_for_view()

    ack = await slack.submit_view(view, pin=["pin"], tags="fox, suit")

    change = dispatch.commands[-1]
    assert (change.target, change.is_pinned, change.tags, change.is_deleted) == (
        "0job-1",
        True,
        "fox, suit",
        False,
    )
    assert "Pinned." in str(ack.body)


async def test_unopened_form_is_told(app, slack, dispatch, picture):
    """A form that Slack did not open leaves a sentence."""
    dispatch.replies[Edit] = EditForm(record_id="0job-1", prompt="a fox", flags="")
    slack.faults.add("views.open", Fault(error="expired_trigger_id"))

    await slack.press(picture, "edit")

    await slack.wait_for_note("Press once more")


async def test_history_pages_replace_one_another(app, slack, dispatch):
    """A private list is leafed through in place."""
    dispatch.replies[History] = RecordList(
        title="Your latest pictures", records=(make_record(),), cursor="0job-1"
    )
    await slack.slash("/imagine history")

    await slack.press(slack.notes[0], "history_next")

    await slack.until(lambda: len(slack.notes) == 2)
    assert dispatch.commands[-1].cursor == "0job-1"
    assert slack.notes[1].replaces


async def test_search_pages_keep_their_words(app, slack, dispatch):
    """The next page is of the same search."""
    dispatch.replies[Find] = RecordList(
        title="Found", records=(make_record(),), cursor="0job-1"
    )
    await slack.slash("/imagine search fox --seed 7")

    await slack.press(slack.notes[0], "search_next")

    assert dispatch.commands[-1].text == "fox --seed 7"


async def test_show_from_a_list_has_the_buttons(app, slack, dispatch):
    """An old picture can be drawn again from its record."""
    dispatch.replies[History] = RecordList(title="Yours", records=(make_record(),))
    dispatch.replies[Show] = RecordDetail(
        record=make_record(), lines=(("Prompt", "a fox in a suit"), ("Seed", "42"))
    )
    await slack.slash("/imagine history")

    await slack.press(slack.notes[0], "show")

    await slack.until(lambda: len(slack.notes) == 2)
    await slack.press(slack.notes[1], "new_seed", "0job-1")
    assert isinstance(dispatch.commands[-1], NewSeed)


async def test_invitation_opens_the_place(app, slack, dispatch):
    """What waited for the bot may be posted now."""
    slack.workspace.add_channel("C0SECRET", kind="group", members={"U1"})

    await slack.invite_bot("C0SECRET")

    (command,) = dispatch.commands
    assert isinstance(command, PlaceOpened)
    assert command.origin.place.channel_id == "C0SECRET"


async def test_batch_and_settings_are_never_drawn(app, slack, dispatch):
    """Words that mean something else are no prompts."""
    await slack.slash("/imagine settings")
    await slack.slash("/imagine batch a fox")

    settings, batch = dispatch.commands
    assert settings == ShowSettings(origin=settings.origin)
    assert batch == SubmitBatch(origin=batch.origin, content=b"a fox")


async def test_repeated_event_says_nothing_twice(app, slack, dispatch):
    """The job is there already; the person knows."""
    dispatch.replies[Generate] = Accepted(job_id="0job", text="x", is_new=False)

    ack = await slack.slash("/imagine a fox")

    assert ack.is_acked
    assert slack.notes == []


async def test_closed_intake_takes_nothing_and_finishes_the_rest(app, slack, dispatch):
    """At the stop, what is inside is acknowledged and nothing else is taken."""
    dispatch.hold = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        inside = tasks.create_task(slack.slash("/imagine a fox"))
        await slack_waits_for(dispatch)
        closing = tasks.create_task(app.close_intake())
        dispatch.hold.set()
    late = await slack.slash("/imagine a hen")

    assert closing.done()
    assert inside.result().is_acked
    assert not late.is_acked
    assert not app.is_connected
    assert len(dispatch.commands) == 1


async def slack_waits_for(dispatch) -> None:
    """Wait until a command is inside."""
    async with asyncio.timeout(5):
        while not dispatch.calls_before:  # noqa: ASYNC110 - the other side is a socket
            await asyncio.sleep(0)


# --- one transport each ------------------------------------------------------------


@asynccontextmanager
async def running(slack, dispatch, **changes):
    """An app with other settings."""
    tokens = {"bot_token": slack.bot_token, "base_url": slack.base_url}
    given = {"app_token": slack.app_token, "signing_secret": None} | changes
    tokens |= {key: given.pop(key) for key in list(given) if key in tokens}
    async with SlackWeb(**tokens) as web:
        notes = PrivateNotes(web=web, clock=FixedClock())
        async with SlackApp(web=web, notes=notes, dispatch=dispatch, **given) as app:
            yield app


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        pytest.param({"bot_token": "xoxb-wrong"}, "SLACK_BOT_TOKEN", id="bot token"),
        pytest.param({"app_token": "xapp-wrong"}, "SLACK_APP_TOKEN", id="app token"),
    ],
)
async def test_wrong_token_ends_the_start(slack, dispatch, wrong, variable):
    """The operator learns which variable to mend, at once."""
    with pytest.raises(ConfigError, match=variable):
        async with running(slack, dispatch, **wrong):
            pass


async def test_both_transports_at_once(slack, dispatch):
    """Socket Mode and HTTP may be set together."""
    both = running(slack, dispatch, signing_secret=SIGNING_SECRET)
    async with both as app, serving_http(app) as url:
        slack.http.url = url
        await slack.slash("/imagine a fox")
        slack.via = "http"
        await slack.slash("/imagine a hen")

    assert [command.text for command in dispatch.commands] == ["a fox", "a hen"]


async def test_environment_of_slack_bolt_is_no_news(
    slack, dispatch, monkeypatch, caplog
):
    """slack-bolt reads the same variables; nobody has to hear of it."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SIGNING_SECRET)

    async with running(slack, dispatch):
        ack = await slack.slash("/imagine a fox")

    assert ack.is_acked
    assert caplog.record_tuples == []


async def test_forged_requests_are_refused(slack, dispatch):
    """Who does not know the signing secret is not listened to."""
    async with (
        running(slack, dispatch, app_token=None, signing_secret="another") as app,
        serving_http(app) as url,
    ):
        slack.http.url, slack.via = url, "http"
        ack = await slack.slash("/imagine a fox")

    assert not ack.is_acked
    assert dispatch.commands == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"payload=x", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/json"),
    ],
)
async def test_what_is_none_of_slacks_is_no_error_of_ours(
    slack, dispatch, body, content_type
):
    """Anybody may send it: no traceback, and no 5xx that would alarm somebody."""
    async with (
        running(slack, dispatch, app_token=None, signing_secret=SIGNING_SECRET) as app,
        serving_http(app) as url,
        httpx.AsyncClient() as stranger,
    ):
        answer = await stranger.post(
            url, content=body, headers={"Content-Type": content_type}
        )

    assert 400 <= answer.status_code < 500
    assert dispatch.commands == []


async def test_without_a_secret_http_is_closed(slack, dispatch):
    """An empty secret would let everybody sign."""
    body = b"command=%2Fimagine&text=a+fox"
    assert sign(body, secret="")
    async with running(slack, dispatch) as app, serving_http(app) as url:
        slack.http.url, slack.via = url, "http"
        ack = await slack.slash("/imagine a fox")

    assert not ack.is_acked


async def test_closed_websocket_is_opened_again(slack, dispatch):
    """Slack closes connections now and then; no command is lost for it."""
    async with running(slack, dispatch):
        await slack.socket.drop()
        _, ack = await slack.mention("imagine a fox")

    assert ack.is_acked
    assert dispatch.commands[0].text == "a fox"


async def test_slack_asks_for_a_new_connection(slack, dispatch):
    """`refresh_requested` comes every few hours."""
    async with running(slack, dispatch) as app:
        asked = slack.api.names().count("apps.connections.open")
        await slack.socket.disconnect()
        await slack.until(
            lambda: slack.api.names().count("apps.connections.open") > asked
        )
        _, ack = await slack.mention("imagine a fox")

        assert ack.is_acked
        assert app.is_connected


async def test_dead_connection_is_replaced(slack, dispatch, naps):
    """What slack_sdk does not notice the watch does: here, a reader task that ended."""
    async with running(slack, dispatch) as app:
        client = app._socket._handler.client
        client.message_processor.cancel()
        await asyncio.gather(client.message_processor, return_exceptions=True)
        assert not app.is_connected

        await app._socket.replace()

        assert app.is_connected
        ack = await slack.slash("/imagine a fox")
        assert ack.is_acked


async def test_watch_replaces_after_its_patience(slack, dispatch):
    """Half a minute is left to slack_sdk's own reconnecting, no more."""
    looks, replaced, never = [], asyncio.Event(), asyncio.Event()

    async def sleep(seconds):
        looks.append(seconds)
        if len(looks) > 6:
            replaced.set()
            await never.wait()

    async with running(slack, dispatch) as app:
        first = app._socket._handler
        first.client.message_processor.cancel()
        await asyncio.gather(first.client.message_processor, return_exceptions=True)
        app._socket._sleep = sleep
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(app._socket.watch())
            await replaced.wait()
            watch.cancel()

        assert app.is_connected
        assert app._socket._handler is not first
        assert sum(looks[:6]) == 30


async def test_slack_that_is_not_there_is_waited_for(slack, dispatch):
    """An outage at the start is no wrong setting: the bot goes on trying."""
    waited = asyncio.Event()

    async def sleep(seconds):
        waited.set()
        await asyncio.sleep(0)

    slack.faults.add("auth.test", Fault(status=503), Fault(status=503))
    async with running(slack, dispatch, sleep=sleep) as app:
        assert not app.is_connected
        await slack.wait_connected()
        ack = await slack.slash("/imagine a fox")

    assert waited.is_set()
    assert ack.is_acked
