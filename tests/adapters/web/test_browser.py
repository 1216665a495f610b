"""The page in a real browser: type, watch, press, reply."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.web.batches import WebBatches
from adapters.web.server import HttpServer
from bot.chat.commands import (
    AskBatch,
    Change,
    DecideBatch,
    Edit,
    Generate,
    More,
    Reproduce,
    ShowHere,
    SubmitBatch,
)
from bot.chat.progress import Progress, Stage
from bot.chat.replies import (
    Accepted,
    AlreadyDrawn,
    BatchForm,
    BatchOffer,
    EditForm,
    MoreForm,
    Notice,
    Refusal,
)
from bot.domain.batch import BatchState
from bot.domain.job import Lineage
from bot.domain.request import ImageRequest
from tests.adapters.web.doubles import NoNotes, Site
from tests.adapters.web.test_batches import ID as BATCH
from tests.adapters.web.test_batches import make_batch
from tests.fakes.browser import Browser, needs_chromium, open_browser

pytestmark = needs_chromium

EVIL = "<img src=x onerror=alert(1)><b>a fox</b>"


class Worker:
    """Draws and posts what the core takes on, when the test says so."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.waiting: asyncio.Queue = asyncio.Queue()
        site.core.script[Generate] = self.take
        site.core.script[Reproduce] = self.again

    def take(self, command, **changes) -> Accepted:
        request = ImageRequest(prompt=command.text, model="V_2", seed=42)
        accepted = self.site.core.take(command, **({"request": request} | changes))
        if accepted.is_new:
            self.waiting.put_nowait(self.site.core.jobs[accepted.job_id])
        return accepted

    def again(self, command) -> Accepted:
        changes = ("aspect ratio 1:1 to 9:16",) if command.text else ()
        lineage = Lineage(parent_id="p", typed_prompt="a fox", changes=changes)
        return self.take(command, lineage=lineage)

    async def begin(self):
        job = await self.waiting.get()
        await self.site.sender.show(job, Progress(stage=Stage.DRAWING, text="Drawing…"))
        return job

    async def finish(self, job, *, count: int = 1) -> None:
        tags = ("reproduced",) if job.lineage else ()
        parent = job.lineage.parent_id if job.lineage else None
        records = [
            self.site.record(job, index, seed=42 + index, tags=tags, parent_id=parent)
            for index in range(count)
        ]
        await self.site.post(job, *records)
        done = Progress(stage=Stage.DONE, text="Done: one picture.")
        await self.site.sender.show(job, done)


@asynccontextmanager
async def running(site: Site, *, port: int = 0):
    async with HttpServer(
        host="127.0.0.1", port=port, app=site.app, stopping=[site.channel.close]
    ) as server:
        yield server


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


@pytest.fixture
async def browser(tmp_path):
    async with open_browser(tmp_path / "profile") as ready:
        yield ready


async def test_type_watch_press_and_reply(site: Site, browser: Browser):
    """The whole of what the page is for."""
    worker = Worker(site)
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.wait_for_text("#connection", "Live")

        await page.type("#text", "/imagine a fox")
        await page.press("Enter")
        await page.wait_for_text(".ask .said", "/imagine a fox")
        job = await worker.begin()
        await page.wait_for(".placeholder")
        await worker.finish(job)
        await page.wait_for_picture(".post .frame img")
        await page.wait_for('.job[data-stage="done"]')
        assert await page.texts(".placeholder") == []

        await page.click('[data-action="reproduce"]')
        await worker.finish(await worker.begin())
        await page.wait_for(".post", count=2)
        await page.wait_for_text(".origin", "Drawn again, unchanged")

        await page.click('[data-action="reply"]')
        await page.wait_for("#replying")
        await page.type("#text", "same --ar 9:16")
        await page.press("Enter")
        await page.wait_for(".ask .quote")
        await worker.finish(await worker.begin())
        await page.wait_for(".post", count=3)
        await page.wait_for_text(".origin", "aspect ratio 1:1 to 9:16")

    pressed, replied = [c for c in site.core.commands if isinstance(c, Reproduce)]
    assert pressed.is_press
    assert replied.text == "--ar 9:16"
    assert page.complaints == []


async def test_decide_about_an_offer(site: Site, browser: Browser):
    """What was drawn before is shown in private; a press takes the note's place."""
    record = site.record(site.job("jade-owl-000002"))
    reply = AlreadyDrawn(job_id="k3v9w2m1q8zt4c7d", record=record, text="Drawn before.")
    site.core.script[Generate] = lambda _command: reply
    site.core.script[ShowHere] = lambda command: Accepted(
        job_id=command.target, text="Posting the picture."
    )
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.type("#text", "/imagine a fox")
        await page.press("Enter")
        await page.wait_for_picture(".note .frame img")
        assert await page.texts(".decide button") == ["Show it here", "Draw anew"]

        await page.click('[data-decide="show_here"]')
        await page.wait_for_text(".note .text", "Posting the picture.")

        assert await page.texts(".decide button") == []
    assert page.complaints == []


async def test_texts_stay_texts(site: Site, browser: Browser):
    """Markup in a prompt is shown, never carried out."""
    worker = Worker(site)
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.type("#text", f"/imagine {EVIL}")
        await page.press("Enter")
        await worker.finish(await worker.begin())
        await page.wait_for_text(".post .caption", EVIL)

        assert await page.texts("#entries b:not(.command):not(.flag)") == ["42"]
        assert await page.run("document.querySelectorAll('[onerror]').length") == 0
    assert page.complaints == []


async def test_two_people_see_the_channel_each_in_their_way(
    site: Site, browser: Browser
):
    worker = Worker(site)
    async with running(site) as server:
        fox = await browser.open(server.address)
        owl = await browser.open(server.address)
        await owl.wait_for_text("#connection", "Live")
        await fox.type("#text", "/imagine a fox")
        await fox.press("Enter")
        await worker.finish(await worker.begin(), count=4)

        await owl.wait_for(".frame", count=4)
        assert await owl.texts(".note") == []
        assert "You" not in await owl.texts(".ask .name")
        await owl.run("document.querySelector('.which input[value=\"2\"]').click()")
        await owl.wait_for_text(".seed", "44")
        await owl.click('[data-action="reproduce"]')
        await worker.begin()

    assert site.core.commands[-1].target.endswith("-3")


async def test_flags_are_offered_and_chosen_by_keyboard(site: Site, browser: Browser):
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.wait_for_text("#connection", "Live")
        await page.type("#text", "/imagine a fox --a")
        await page.wait_for_text("#suggestions", "Aspect ratio")
        await page.press("Tab")
        await page.wait_for_text("#suggestions", "16:9")
        await page.press("ArrowDown")
        await page.press("ArrowDown")
        await page.press("Enter")

        typed = await page.run("document.querySelector('#text').value")
    assert typed == "/imagine a fox --ar 16:9 "
    assert site.core.commands == []


async def test_the_box_is_free_while_a_message_is_on_its_way(
    site: Site, browser: Browser
):
    """What is typed meanwhile is the next message, and is not lost."""
    async with running(site) as server:
        page = await browser.open(server.address)
        site.core.gate.clear()
        await page.type("#text", "/imagine a fox")
        await page.press("Enter")
        await page.type("#text", "/imagine an owl")
        site.core.gate.set()
        await page.wait_for_text(".ask", "a fox")
        await page.press("Enter")
        await page.wait_for(".ask", count=2)

        texts = [c.text for c in site.core.commands if isinstance(c, Generate)]
    assert texts == ["a fox", "an owl"]


async def test_a_refusal_is_a_private_note(site: Site, browser: Browser):
    site.core.script[Generate] = Refusal(text="--stile is no flag.")
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.type("#text", "/imagine a fox --stile x")
        await page.press("Enter")
        await page.wait_for_text('.note[data-tone="refusal"]', "--stile is no flag.")
        await page.wait_for_text(".note", "Only you can see this")
        await page.click("[data-dismiss]")

        assert await page.texts(".note") == []


async def test_forms_and_the_large_picture(site: Site, browser: Browser):
    worker = Worker(site)
    site.core.script[Edit] = lambda command: EditForm(
        record_id=command.target, prompt="a fox", flags="--seed 42"
    )
    site.core.script[More] = lambda command: MoreForm(
        record_id=command.target, is_pinned=False, tags="", can_delete=True
    )
    site.core.script[Change] = lambda command: Notice(
        text="Deleted." if command.is_deleted else "Saved."
    )
    await site.post(site.job("jade-owl-000002"))
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.click(".frame")
        await page.wait_for("#viewer[open] img")
        await page.press("Escape")

        await page.click('[data-action="edit"]')
        await page.wait_for("#edit[open]")
        await page.type("#edit [name=flags]", " --n 2")
        await page.click("#edit .primary")
        job = await worker.begin()
        assert job.return_address["typed"] == "/imagine a fox --seed 42 --n 2"

        await page.click('[data-action="more"]')
        await page.wait_for("#more[open]")
        await page.click("#more [name=is_pinned]")
        await page.click("#more .primary")
        await page.wait_for_text(".note", "Saved.")
        await page.click('[data-action="more"]')
        await page.click("#more [data-delete]")
        await page.wait_for_text("#more [data-delete]", "Really delete?")
        await page.click("#more [data-delete]")
        await page.wait_for_text(".note", "Deleted.")

    pinned, deleted = [c for c in site.core.commands if isinstance(c, Change)]
    assert pinned.is_pinned is True
    assert pinned.tags is None
    assert deleted.is_deleted
    assert page.complaints == []


async def test_the_page_comes_back_with_the_program(site: Site, browser: Browser):
    """Nothing is to be reloaded by hand, and what was sent meanwhile is taken once."""
    async with running(site) as server:
        port = server.port
        page = await browser.open(server.address)
        await site.post(site.job("jade-owl-000002"))
        await page.wait_for(".post")
    await page.wait_for_text("#connection", "Connecting")
    await page.type("#text", "/imagine an owl")
    await page.press("Enter")

    again = site.again("run2")
    async with running(again, port=port):
        await page.wait_for_text("#connection", "Live")
        await again.post(again.job("jade-owl-000002"))
        await page.wait_for(".post", count=2)
        await page.wait_for_text(".ask", "/imagine an owl")

        assert len(await page.texts(".ask")) == 3


READ_FILE = """{
    const chosen = new DataTransfer();
    chosen.items.add(new File(%s, "spring.csv"));
    const picker = document.querySelector('#batch [name="file"]');
    picker.files = chosen.files;
    picker.dispatchEvent(new Event("change"));
}"""


async def test_a_batch_from_a_file(site: Site, browser: Browser, tmp_path):
    """The file is read into the form; its entry keeps up until the table can be saved."""
    offer = BatchOffer(batch_id=BATCH, text="Batch spring: 1 line, $0.08.")
    site.core.script |= {
        AskBatch: BatchForm(),
        SubmitBatch: offer,
        DecideBatch: Notice(text="Started: 1 line."),
    }
    async with running(site) as server:
        page = await browser.open(server.address)
        await page.wait_for_text("#connection", "Live")
        await page.type("#text", "/imagine batch")
        await page.press("Enter")
        await page.wait_for("#batch[open]")
        await page.run(READ_FILE % "[new Uint8Array([0xff])]")
        await page.wait_for_text("#toast", "UTF-8")
        await page.run(READ_FILE % '["prompt\\nä fox"]')
        await page.wait_until("document.querySelector('#batch textarea').value")
        await page.click('#batch [value="check"]')
        await page.click('[data-manage="start_batch"]')
        await page.wait_for_text(".note", "Started")

        batches, me = WebBatches(channel=site.channel), site.core.commands[0].origin
        batch = make_batch(person=me.person)
        await batches.update(batch, "Batch spring: 0 of 1\n░░ 0 %\n1 left.")
        await page.wait_for('.batch [data-manage="pause_batch"]')
        table = tmp_path / "results.csv"
        table.write_text("line,state")
        done = replace(batch, state=BatchState.DONE)
        await batches.end(done, f"{EVIL} is done.", table, NoNotes())
        await page.wait_for(".batch a[download]")
        await page.wait_for_text(".batch .words", EVIL)

        assert page.complaints == []
    sent = next(c for c in site.core.commands if isinstance(c, SubmitBatch))
    assert (sent.content, sent.file_name) == ("prompt\nä fox".encode(), "spring.csv")
