"""The live channel: who hears what, and what is missed by none."""

import asyncio

from adapters.web.channel import Channel, EventKind
from adapters.web.entries import Note, PlainNote, Tone
from tests.fakes.values import NOON


def note(entry_id: str, *, audience: str = "fox", text: str = "hello") -> Note:
    content = PlainNote(tone=Tone.NOTICE, text=text)
    return Note(id=entry_id, at=NOON, audience=audience, content=content)


def heard(listener: asyncio.Queue) -> list[tuple[EventKind, str]]:
    events = []
    while not listener.empty():
        event = listener.get_nowait()
        events.append((event.kind, event.entry_id) if event else None)
    return events


def test_only_the_audience_hears():
    """A private note is for one person alone, live and at loading."""
    channel = Channel(epoch="a")
    with (
        channel.listen("fox", after=channel.position) as fox,
        channel.listen("owl", after=channel.position) as owl,
    ):
        channel.put(note("n1", audience="fox"))

        assert heard(fox) == [(EventKind.ENTRY, "n1")]
        assert heard(owl) == []
    assert channel.entries_for("owl") == []


def test_a_listener_that_was_cut_off_gets_what_it_missed():
    channel = Channel(epoch="a")
    channel.put(note("n1"))
    position = channel.position
    channel.put(note("n2"))
    channel.put(note("n3", audience="owl"))
    channel.remove("n1", audience="fox")

    with channel.listen("fox", after=position) as fox:
        assert heard(fox) == [(EventKind.ENTRY, "n2"), (EventKind.REMOVED, "n1")]


def test_a_listener_from_an_earlier_run_loads_anew():
    """Numbers begin again with each run: those of another one mean nothing."""
    channel = Channel(epoch="b")
    for after in ("a-0", None, "b-x", "b-", "b-" + "9" * 5000, "nonsense"):
        with channel.listen("fox", after=after) as fox:
            assert heard(fox) == [(EventKind.RESET, "")], after


def test_a_listener_that_missed_too_much_loads_anew():
    channel = Channel(epoch="a")
    position = channel.position
    for number in range(1001):
        channel.put(note(f"n{number % 3}"))

    with channel.listen("fox", after=position) as fox:
        assert heard(fox) == [(EventKind.RESET, "")]


def test_a_listener_that_does_not_read_is_sent_away():
    """Its queue would grow for ever; it comes again and is told what it missed."""
    channel = Channel(epoch="a")
    with channel.listen("fox", after=channel.position) as fox:
        for number in range(600):
            channel.put(note(f"n{number}"))

        assert heard(fox)[-1] is None
        assert fox.qsize() == 0


def test_old_entries_make_room():
    channel = Channel(epoch="a")
    for number in range(500):
        channel.put(note(f"n{number}"))

    kept = [entry.id for _, entry in channel.entries_for("fox")]
    assert kept == [f"n{number}" for number in range(100, 500)]


def test_an_entry_is_replaced_by_its_id():
    channel = Channel(epoch="a")
    channel.put(note("n1", text="queued"))
    channel.put(note("n1", text="drawing"))
    channel.put_if_absent(note("n1", text="late"))

    [(number, entry)] = channel.entries_for("fox")
    assert entry.content.text == "drawing"
    assert number == 2


def test_close_ends_every_stream_also_later_ones():
    channel = Channel(epoch="a")
    with channel.listen("fox", after=channel.position) as early:
        channel.close()
        assert heard(early) == [None]
    with channel.listen("fox", after=channel.position) as late:
        assert heard(late) == [None]
