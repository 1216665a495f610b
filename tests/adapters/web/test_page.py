"""What the page's routes answer, over the app itself."""

import pytest

from bot.chat.commands import Change, Edit, Find, Generate, Help, Reproduce
from bot.chat.replies import (
    Accepted,
    EditForm,
    Notice,
    RecordList,
    Refusal,
)
from bot.domain.job import JobId
from bot.errors import StorageError
from tests.adapters.web.doubles import MemoryRecords, Site, entries, send, state


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


def kinds(shown: list[dict]) -> list[str]:
    return [entry["kind"] for entry in shown]


async def test_the_page_loads_nothing_from_elsewhere(site):
    """It works offline, and no prompt leaks in a referrer."""
    async with site.visitor() as client:
        page = await client.get("/")

    assert page.status_code == 200
    assert "#sandbox" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert " style=" not in page.text
    assert " on" not in "".join(part.split(">")[0] for part in page.text.split("<"))
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/app.js", "text/javascript"),
        ("/static/page.css", "text/css"),
        ("/static/mark.svg", "image/svg+xml"),
    ],
)
async def test_static_files_carry_the_policy_too(site, path, kind):
    async with site.visitor() as client:
        answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert "content-security-policy" in answer.headers
    assert answer.headers["cache-control"] == "no-cache"


async def test_every_file_the_page_names_is_there(site):
    async with site.visitor() as client:
        page = await client.get("/")
        for part in page.text.split('"'):
            if part.startswith("/static/"):
                assert (await client.get(part)).status_code == 200, part


async def test_a_command_is_shown_with_its_note(site):
    async with site.visitor() as client:
        assert await send(client, kind="say", text="/imagine a fox") is None
        [ask, note] = await entries(client)

    assert ask["text"] == "/imagine a fox"
    assert note["note"]["stage"] == "queued"
    assert ask["at"] == note["at"]
    assert isinstance(site.core.commands[0], Generate)


async def test_a_post_that_is_repeated_is_one_event(site):
    """The answer was lost, the page sends again: one job, one message, one note."""
    async with site.visitor() as client:
        for _ in range(2):
            await send(client, kind="say", text="/imagine a fox")
        shown = await entries(client)

    assert kinds(shown) == ["ask", "note"]
    assert len(site.core.jobs) == 1


async def test_the_same_event_id_of_two_people_is_two_events(site):
    async with site.visitor() as fox, site.visitor() as owl:
        await send(fox, kind="say", text="/imagine a fox")
        await send(owl, kind="say", text="/imagine an owl")

        assert [e["text"] for e in await entries(fox) if e["kind"] == "ask"] == [
            "/imagine a fox"
        ]
    assert len(site.core.jobs) == 2


async def test_a_job_that_is_quicker_than_its_answer_keeps_its_note(site):
    """The worker may have posted before the command's own answer is shown."""
    accepted = Accepted(job_id=JobId("j"), text="Queued.", is_new=False)
    site.core.script[Generate] = accepted
    async with site.visitor() as client:
        me = (await state(client))["you"]["id"]
        job = site.job(me, id=JobId("j"))
        await site.post(job)
        await send(client, kind="say", text="/imagine a fox")

        shown = await entries(client)

    assert sorted(kinds(shown)) == ["ask", "note", "post"]


async def test_refusals_and_help_are_private(site):
    site.core.script |= {Generate: Refusal(text="No."), Help: Notice(text="Type…")}
    async with site.visitor() as fox, site.visitor() as owl:
        await send(fox, event="1", kind="say", text="/imagine a fox --stile x")
        await send(fox, event="2", kind="say", text="/imagine help")

        notes = [e["note"] for e in await entries(fox) if e["kind"] == "note"]
        assert [(n["tone"], n["text"]) for n in notes] == [
            ("refusal", "No."),
            ("notice", "Type…"),
        ]
        assert await entries(owl) == []


async def test_talk_reaches_nobody_but_gets_a_hint(site):
    async with site.visitor() as client:
        await send(client, kind="say", text="hello")

        [ask, note] = await entries(client)
    assert ask["text"] == "hello"
    assert "/imagine" in note["note"]["text"]
    assert site.core.commands == []


async def test_pictures_are_seen_by_all_and_private_ones_are_not(site):
    async with site.visitor() as fox, site.visitor() as owl:
        me = (await state(fox))["you"]["id"]
        await site.post(site.job(me))

        assert kinds(await entries(owl)) == ["ask", "post"]
        assert (await entries(owl))[0]["by"]["id"] == me


async def test_a_form_is_the_answer_itself(site):
    site.core.script[Edit] = EditForm(record_id="r-1", prompt="a fox", flags="--n 2")
    async with site.visitor() as client:
        form = await send(client, kind="press", action="edit", record="r-1")

        assert form["prompt"] == "a fox"
        assert await entries(client) == []


async def test_a_reply_names_the_message(site):
    async with site.visitor() as client:
        message = await site.post(site.job("jade-owl-000002"))
        await send(client, kind="say", text="same --ar 9:16", reply_to=message)

    command = site.core.commands[0]
    assert isinstance(command, Reproduce)
    assert command.target.message_id == message
    assert command.origin.return_address["reply_to"] == message


async def test_the_next_page_of_a_search_searches_the_same(site):
    site.core.script[Find] = RecordList(title="Found", records=(), cursor="c-1")
    async with site.visitor() as client:
        await send(client, kind="say", text="/imagine search red fox")
        note = (await entries(client))[-1]["note"]

    assert (note["words"], note["cursor"]) == ("red fox", "c-1")


async def test_a_changed_picture_is_shown_changed(site):
    """Everyone sees the new tags and the pin."""
    job = site.job("jade-owl-000002")
    record = site.record(job)
    await site.post(job, record)
    await site.records.change(record.id, is_pinned=True, tags=("hero",))
    site.core.script[Change] = Notice(text="Saved.")
    async with site.visitor() as client:
        await send(client, kind="change", record=record.id, is_pinned=True, tags="hero")

        [post] = [e for e in await entries(client) if e["kind"] == "post"]
    assert post["pictures"][0]["is_pinned"]
    assert post["pictures"][0]["tags"] == ["hero"]


async def test_a_deleted_picture_leaves_every_page(site):
    job = site.job("jade-owl-000002")
    records = [site.record(job, 0), site.record(job, 1)]
    await site.post(job, *records)

    async with site.visitor() as client:
        for number, record in enumerate(records):
            site.core.script[Change] = _delete(site.records, record.id)
            await send(
                client,
                event=f"e{number}",
                kind="change",
                record=record.id,
                is_deleted=True,
            )
            posts = [e for e in await entries(client) if e["kind"] == "post"]
            left = [p["id"] for post in posts for p in post["pictures"]]
            assert left == [r.id for r in records[number + 1 :]]


def _delete(records: MemoryRecords, record_id: str):
    def carry_out(_command: Change) -> Notice:
        del records.rows[record_id]
        return Notice(text="Deleted.")

    return carry_out


async def test_a_person_stays_the_same(site):
    """By a cookie that no script can read and no other site can send."""
    async with site.visitor() as client:
        first = await client.get("/")
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        me = (await state(client))["you"]["id"]
        assert (await state(client))["you"]["id"] == me
        assert me not in first.headers["set-cookie"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b'{"event": "e"}', "text/plain", 415, id="a form's body"),
        pytest.param(b"{", "application/json", 400, id="broken"),
        pytest.param(b"[]", "application/json", 400, id="no object"),
        pytest.param(b"\xff", "application/json", 400, id="no text"),
        pytest.param(b"[" * 100_000, "application/json", 400, id="nested"),
        pytest.param(b'{"event": "e"}', "application/json", 400, id="no kind"),
        pytest.param(b" " * 13_000_000, "application/json", 413, id="too long"),
    ],
)
async def test_what_the_page_never_sends(site, content, kind, status):
    async with site.visitor() as client:
        answer = await client.post(
            "/api/send", content=content, headers={"content-type": kind}
        )

    assert answer.status_code == status
    assert site.core.commands == []


async def test_a_forged_post_is_not_carried_out(site):
    async with site.visitor() as client:
        answer = await client.post(
            "/api/send",
            json={"event": "e1", "kind": "say", "text": "/imagine a fox"},
            headers={"origin": "https://evil.example"},
        )

    assert answer.status_code == 403
    assert site.core.commands == []


async def test_a_foreign_name_reads_nothing(site):
    async with site.visitor() as client:
        answer = await client.get("/api/state", headers={"host": "evil.example"})

    assert answer.status_code == 403
    assert "you" not in answer.text


async def test_a_database_that_fails_is_a_sentence(tmp_path):
    class Broken(MemoryRecords):
        async def search(self, search):
            raise StorageError("The database is locked. Try again.")

    site = Site(tmp_path, records=Broken())
    async with site.visitor() as client:
        answer = await client.get("/api/state")

    assert answer.status_code == 503
    assert answer.text == "The database is locked. Try again."
