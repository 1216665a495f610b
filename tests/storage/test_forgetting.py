"""One person forgotten: all of theirs goes, nothing else does, over every database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.domain.audit import AuditEntry, AuditSearch, Deed
from bot.domain.forgetting import digest_of, kept
from bot.domain.job import JobState, Step
from bot.domain.people import Platform
from bot.domain.record import Search
from bot.errors import NotFound, WrongInput
from bot.jobs.alerts_rules import hear
from storage.sqlite.anonymising import MARKER
from tests.contracts.values import ANN, BOB, GENERAL, NOON, make_job, make_record
from tests.fakes.waiting import until
from tests.storage.people import ANN_ELSEWHERE, SECRET, open_shop, some_of_everyone


@pytest.fixture
async def shop(database, tmp_path):
    async with open_shop(tmp_path, database) as opened:
        yield opened


async def found(shop, **search):
    return [record.id for record in await shop.records.search(Search(**search))]


async def test_deleted_is_all_of_it(shop):
    """Records, files, jobs, messages, totals and what was done once."""
    mine, _ = await some_of_everyone(shop)

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    done = receipt.done
    assert (done.records, done.files, done.jobs) == (4, 4, 4)
    assert done.size_bytes == sum(record.size_bytes for record in mine)
    assert (done.found.messages, done.found.descendants) == (4, 1)
    for record in mine:
        assert await shop.records.get(record.id) is None
        assert not shop.files.local_path(record.stored_path).exists()
        assert await shop.queue.find(record.job_id) is None
    assert await found(shop, words="wombat") == []
    totals = await shop.records.report()
    assert totals.total.images == 3
    assert await shop.once.first("withheld:slack:T1:U1:C1:ann0")
    assert not await shop.once.first("withheld:slack:T1:U2:C1:bob")


async def test_anonymised_keeps_pictures_and_figures_alone(shop):
    """A search for the words or the person finds nothing; the money still adds up."""
    mine, _ = await some_of_everyone(shop)
    before = await shop.records.report()

    receipt = await shop.forgetter.forget(ANN, is_anonymised=True)

    who = receipt.done.pseudonym
    assert await found(shop, words="wombat") == []
    assert await found(shop, tags=(f"tag-{SECRET}",)) == []
    assert await found(shop, user_id="U1") == ["elsewhere-1"]
    assert len(await found(shop, user_id=who)) == 4
    for record in mine:
        now = await shop.records.get(record.id)
        assert shop.files.local_path(now.stored_path).read_bytes()
        assert (now.prompt, now.expanded_prompt, now.negative_prompt) == (
            MARKER,
            None,
            None,
        )
        assert (now.original_url, now.tags, now.person.user_id) == (None, (), who)
        assert (now.seed, now.cost_usd) == (record.seed, record.cost_usd)
        job = await shop.queue.find(record.job_id)
        assert (job.person.user_id, job.request.prompt) == (who, MARKER)
        assert (job.lineage, dict(job.return_address), job.press_key) == (
            None,
            {},
            None,
        )
        assert await shop.steps.steps(job.id) == {}
    after = await shop.records.report()
    assert (after.total, after.by_day) == (before.total, before.by_day)
    assert after.by_user[who].images == 4
    assert after.by_user["U1"].images == 1  # of the other workspace


async def test_a_file_that_another_record_has_stays(shop):
    """Identical bytes are stored once."""
    mine = await shop.draw("ann", content=b"the same")
    other = await shop.draw("bob", person=BOB, content=b"the same", prompt="x y z")
    assert mine.stored_path == other.stored_path

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert shop.files.local_path(other.stored_path).read_bytes() == b"the same"
    assert (receipt.done.files, receipt.done.found.shared) == (0, 1)
    assert any("other people" in sentence for sentence in kept(receipt))


class PowerCut(Exception):
    """The process ends here."""


class CutFiles:
    """Files that are cut off before they delete anything."""

    async def delete_unused(self, paths, *, stored_before=None):
        raise PowerCut


async def test_messages_are_taken_back_where_that_is_set(database, tmp_path):
    """The run deletes them, with what the posting step had noted."""
    async with open_shop(tmp_path, database, takes_back=True) as shop:
        await shop.draw("ann")

        receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

        [message] = await shop.stores.take_backs.due(NOON)
    assert (message.message.channel_id, message.message.message_id) == ("C1", "ann")
    assert any("will be deleted by the bot" in sentence for sentence in kept(receipt))


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_cut_off_it_goes_on_with_the_same_counts(shop, is_anonymised):
    """Between rows and files, and before the database is rewritten."""
    mine, _ = await some_of_everyone(shop)

    async def cut(_is_alone):
        raise PowerCut

    first = replace(shop.forgetter, files=CutFiles(), compact=cut)
    with pytest.raises(PowerCut):
        await first.forget(ANN, is_anonymised=is_anonymised)
    again = replace(shop.forgetter, compact=cut)
    with pytest.raises(PowerCut):
        await again.forget(ANN, is_anonymised=is_anonymised)
    who = (await shop.forgetter.store.progress(ANN)).pseudonym
    assert await shop.forgetter.find("U1", platform=None, workspace_id="T1") == ANN
    receipt = await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    assert (receipt.done.records, receipt.done.jobs) == (4, 4)
    assert receipt.done.pseudonym == who
    assert receipt.done.found.messages == 4
    if not is_anonymised:
        assert receipt.done.files == 4
        for record in mine:
            assert not shop.files.local_path(record.stored_path).exists()
    with pytest.raises(NotFound):
        await shop.forgetter.find("U1", platform=None, workspace_id="T1")


async def test_many_go_in_small_batches(shop):
    """So that nobody waits long for the writer."""
    record = make_record(place=GENERAL)
    await shop.queue.submit(make_job())
    many = [replace(record, id=f"job0-{number}") for number in range(1, 121)]
    await shop.steps.finish("job0", Step.KEEP, {}, records=many)
    sizes = []

    class Watched:
        """The store, with the sizes of its batches remembered."""

        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            return getattr(self._store, name)

        async def delete_some(self, person, *, limit):
            sizes.append(await self._store.delete_some(person, limit=limit))
            return sizes[-1]

    await replace(shop.forgetter, store=Watched(shop.stores.forgetting)).forget(
        ANN, is_anonymised=False
    )

    assert sizes == [50, 50, 20, 0]


async def test_unfinished_jobs_are_ended_where_nobody_works_them(shop):
    """A job that a crash left behind."""
    job = await shop.queue.submit(make_job("left"))
    await shop.queue.submit(make_job("bobs", person=BOB))

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert await shop.queue.find(job.job.id) is None
    assert (await shop.queue.find("bobs")).state is JobState.QUEUED
    assert (receipt.done.jobs, receipt.unfinished) == (1, 0)


async def test_a_live_run_ends_the_jobs_itself(shop):
    """It is asked to, and waited for."""
    shop.is_owned, shop.patience = False, timedelta(seconds=30)
    await shop.draw("going", state=JobState.RUNNING)

    async def work() -> None:
        await until(shop.queue.cancelling)
        [job] = await shop.queue.cancelling()
        await shop.queue.save(replace(job, state=JobState.CANCELLED))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work())
        receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert (receipt.done.records, receipt.done.jobs, receipt.unfinished) == (1, 1, 0)


async def test_what_cannot_be_ended_in_time_is_told_and_goes_the_next_time(shop):
    """A paid call may take minutes; its picture is not pulled from under it."""
    shop.is_owned = False
    going = await shop.draw("going", state=JobState.RUNNING)
    await shop.draw("over")

    first = await shop.forgetter.forget(ANN, is_anonymised=False)
    left = await shop.records.get(going.id)
    job = await shop.queue.find("going")
    await shop.queue.save(replace(job, state=JobState.CANCELLED))
    second = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert (first.done.records, first.unfinished, left) == (1, 1, going)
    assert any("again in a few minutes" in sentence for sentence in kept(first))
    assert (second.done.records, second.done.jobs, second.unfinished) == (2, 2, 0)


async def test_whoever_is_in_several_places_has_to_be_named(shop):
    """Slack and Discord are strangers to each other."""
    await some_of_everyone(shop)

    with pytest.raises(WrongInput, match=r"(?s)--workspace T1.*--workspace T2"):
        await shop.forgetter.find("U1", platform=Platform.SLACK, workspace_id=None)
    one = await shop.forgetter.find("U1", platform=None, workspace_id="T2")
    with pytest.raises(NotFound):
        await shop.forgetter.find("U9", platform=None, workspace_id=None)

    assert one == ANN_ELSEWHERE


async def test_the_receipt_proves_whose_it_was_without_a_name(shop):
    await shop.draw("ann")

    receipt = await shop.forgetter.forget(ANN, is_anonymised=False)

    assert receipt.digest == digest_of(ANN, receipt.salt)
    assert receipt.digest != digest_of(BOB, receipt.salt)
    assert "U1" not in repr(receipt)


async def test_who_was_only_ever_refused_is_found_and_forgotten(shop):
    """Their words may stand in the audit log, and nowhere else."""
    entry = AuditEntry(
        at=NOON,
        person=BOB,
        channel_id="C1",
        deed=Deed.REFUSED,
        rule="allowed",
        details=f"V_2, 1: {SECRET}",
    )
    await shop.stores.audit.add(entry)

    person = await shop.forgetter.find(
        BOB.user_id, platform=None, workspace_id=BOB.workspace_id
    )
    await shop.forgetter.forget(person, is_anonymised=False)

    assert await shop.stores.audit.entries(AuditSearch()) == []


@pytest.mark.parametrize("is_anonymised", [False, True], ids=["deleted", "anonymised"])
async def test_what_an_alert_quoted_is_forgotten(shop, is_anonymised):
    """Ideogram's own words may repeat the prompt that it refused."""
    alerts = shop.stores.alerts
    await alerts.aim("slack:C0OPS", now=NOON)
    job = make_job("refused", state=JobState.RUNNING)
    await shop.queue.submit(job)
    ended = {"error": f"Refused: {SECRET}.", "error_kind": "ProviderRefused"}
    await shop.queue.save(replace(job, state=JobState.FAILED, **ended))
    await alerts.hear(partial(hear, target="slack:C0OPS", now=NOON))
    [before] = await alerts.live()

    await shop.forgetter.forget(ANN, is_anonymised=is_anonymised)

    [after] = await alerts.live()
    assert SECRET in before.error
    assert (after.error, after.count) == ("", 1)
