"""A row made nobody's: the figures stay, the person and their words go.

Inside a transaction that someone else holds. A direct message's channel stands for the
person it is with, so it goes as well.
"""

import json
import sqlite3

from bot.domain.request import MagicPrompt
from storage.sqlite.terms import add_terms, drop_unused_words, take_terms
from storage.sqlite.totals import add_to_totals, take_from_totals
from storage.sqlite.words import searchable

MARKER = "(forgotten)"
_NO_HASH = "0" * 64  # that of no request: nobody is offered this picture again

_CLEAR_RECORD = """
    UPDATE generations SET
        prompt = :marker, expanded_prompt = NULL, negative_prompt = NULL,
        original_url = NULL, tags = '[]', prompt_hash = :no_hash, user_id = :pseudonym,
        channel_id = iif(visibility = 'owner', :pseudonym, channel_id),
        thread_id = iif(visibility = 'owner', NULL, thread_id)
    WHERE seq = :seq
"""
_DELETE_TAGS = "DELETE FROM generation_tags WHERE seq = :seq"
_CLEAR_WORDS = "UPDATE generation_search SET text = :text WHERE rowid = :seq"
_DELETE_POSTED = """
    DELETE FROM posted WHERE record_id IN (
        SELECT id FROM generations WHERE seq = :seq AND visibility = 'owner'
    )
"""
_CLEAR_JOB = """
    UPDATE jobs SET
        user_id = :pseudonym, request = :request, lineage = NULL, return_address = '{}',
        press_key = NULL, callback_url = NULL, is_told = 1,
        error = iif(error IS NULL, NULL, :marker),
        channel_id = iif(visibility = 'owner', :pseudonym, channel_id),
        thread_id = iif(visibility = 'owner', NULL, thread_id)
    WHERE seq = :seq
"""
_MODEL = "SELECT json_extract(request, '$.model') AS model FROM jobs WHERE seq = :seq"
_DELETE_CALLBACKS = """
    DELETE FROM callbacks WHERE subject = (SELECT id FROM jobs WHERE seq = :seq)
"""
_DELETE_STEPS = """
    DELETE FROM steps WHERE job_id = (SELECT id FROM jobs WHERE seq = :seq)
"""


def anonymise_record(db: sqlite3.Connection, seq: int, pseudonym: str) -> None:
    """Take person and words from a record, its tags, the search index and the totals."""
    row = {"seq": seq, "pseudonym": pseudonym, "marker": MARKER, "no_hash": _NO_HASH}
    take_from_totals(db, [seq])
    words = take_terms(db, [seq])
    db.execute(_CLEAR_RECORD, row)
    db.execute(_DELETE_TAGS, row)
    db.execute(_CLEAR_WORDS, {"seq": seq, "text": searchable("", None)})
    add_terms(db, [seq])
    drop_unused_words(db, words)
    db.execute(_DELETE_POSTED, row)
    add_to_totals(db, [seq])


def anonymise_job(db: sqlite3.Connection, seq: int, pseudonym: str) -> None:
    """Take person, words and addresses from a job that is over; its steps hold answers."""
    (model,) = db.execute(_MODEL, {"seq": seq}).fetchone()
    request = {"prompt": MARKER, "model": model, "magic_prompt": MagicPrompt.OFF}
    row = {"seq": seq, "pseudonym": pseudonym, "marker": MARKER}
    db.execute(_CLEAR_JOB, row | {"request": json.dumps(request)})
    db.execute(_DELETE_STEPS, row)
    db.execute(_DELETE_CALLBACKS, row)
