"""Writing and deleting records, inside a transaction that someone else holds.

A row, its tags, its words and terms in the search indices and the totals always change
together.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.record import Record, RecordId
from bot.domain.text import encodable
from storage.sqlite.copies import paths_of_copies
from storage.sqlite.rows import record_row
from storage.sqlite.terms import Taken, add_terms, drop_unused_words, take_terms
from storage.sqlite.totals import add_to_totals, take_from_totals
from storage.sqlite.words import searchable

_INSERT = """
    INSERT INTO generations (
        id, prompt, expanded_prompt, negative_prompt, model, style_type, aspect_ratio,
        seed, resolution, is_safe, original_url, stored_path, created_at, size_bytes,
        tags, job_id, parent_id, sha256, prompt_hash, magic_prompt, color_palette,
        rendering_speed, attempts, cost_usd, platform, workspace_id, channel_id, user_id,
        pinned, visibility, thread_id
    ) VALUES (
        :id, :prompt, :expanded_prompt, :negative_prompt, :model, :style_type,
        :aspect_ratio, :seed, :resolution, :is_safe, :original_url, :stored_path,
        :created_at, :size_bytes, :tags, :job_id, :parent_id, :sha256, :prompt_hash,
        :magic_prompt, :color_palette, :rendering_speed, :attempts, :cost_usd, :platform,
        :workspace_id, :channel_id, :user_id, :pinned, :visibility, :thread_id
    )
    ON CONFLICT (id) DO NOTHING
"""
# A picture drawn anew takes its row's place in the order; a pin stays.
_REPLACE = """
    UPDATE generations SET
        prompt = :prompt, expanded_prompt = :expanded_prompt,
        negative_prompt = :negative_prompt, model = :model, style_type = :style_type,
        aspect_ratio = :aspect_ratio, seed = :seed, resolution = :resolution,
        is_safe = :is_safe, original_url = :original_url, stored_path = :stored_path,
        created_at = :created_at, size_bytes = :size_bytes, tags = :tags,
        job_id = :job_id, parent_id = :parent_id, sha256 = :sha256,
        prompt_hash = :prompt_hash, magic_prompt = :magic_prompt,
        color_palette = :color_palette, rendering_speed = :rendering_speed,
        attempts = :attempts, cost_usd = :cost_usd, platform = :platform,
        workspace_id = :workspace_id, channel_id = :channel_id, user_id = :user_id,
        pinned = max(pinned, :pinned), visibility = :visibility, thread_id = :thread_id
    WHERE id = :id
"""
_SEQ = "SELECT seq FROM generations WHERE id = :id"
_ADD_WORDS = "INSERT INTO generation_search (rowid, text) VALUES (:seq, :text)"
_DELETE_WORDS = "DELETE FROM generation_search WHERE rowid = :seq"
_ADD_TAG = "INSERT OR IGNORE INTO generation_tags (tag, seq) VALUES (:tag, :seq)"
_DELETE_TAGS = "DELETE FROM generation_tags WHERE seq = :seq"
_SET_TAGS = "UPDATE generations SET tags = :tags WHERE seq = :seq"
_SELECT_DELETED = """
    SELECT seq, stored_path FROM generations
    WHERE id IN (SELECT value FROM json_each(:ids)) AND pinned <= :most_pinned
"""
_DELETE_ROW = "DELETE FROM generations WHERE seq = :seq"
_FIND_UNUSED = """
    SELECT path.value AS path FROM json_each(:paths) AS path
    WHERE NOT EXISTS (SELECT 1 FROM generations WHERE stored_path = path.value)
    AND NOT EXISTS (SELECT 1 FROM copies WHERE stored_path = path.value)
"""

_COUNT_USES = """
    SELECT path, sum(uses) AS uses FROM (
        SELECT stored_path AS path, count(*) AS uses FROM generations
        WHERE stored_path IN (SELECT value FROM json_each(:paths)) GROUP BY stored_path
        UNION ALL
        SELECT stored_path, count(*) FROM copies
        WHERE stored_path IN (SELECT value FROM json_each(:paths)) GROUP BY stored_path
    ) GROUP BY path
"""


def write_record(db: sqlite3.Connection, record: Record) -> None:
    """Insert a record, or replace the one with its id."""
    row = record_row(record)
    taken = Taken()
    inserted = db.execute(_INSERT, row)
    seq = inserted.lastrowid or 0
    if not inserted.rowcount:
        (seq,) = db.execute(_SEQ, row).fetchone()
        take_from_totals(db, [seq])
        taken = take_terms(db, [seq])
        db.execute(_REPLACE, row)
        db.execute(_DELETE_WORDS, {"seq": seq})
        db.execute(_DELETE_TAGS, {"seq": seq})
    _index(db, {seq: record})
    drop_unused_words(db, taken)


def write_new(db: sqlite3.Connection, records: Iterable[Record]) -> list[Record]:
    """Insert those whose id is not here yet; give them."""
    written: dict[int, Record] = {}
    for record in records:
        inserted = db.execute(_INSERT, record_row(record))
        if inserted.rowcount:
            written[inserted.lastrowid or 0] = record
    _index(db, written)
    return [*written.values()]


def write_tags(db: sqlite3.Connection, seq: int, tags: Sequence[str]) -> None:
    """Replace a record's tags."""
    db.execute(_SET_TAGS, {"seq": seq, "tags": json.dumps(list(tags))})
    db.execute(_DELETE_TAGS, {"seq": seq})
    _add_tags(db, seq, tags)
    take_terms(db, [seq])
    add_terms(db, [seq])


def delete_records(
    db: sqlite3.Connection, records: Sequence[RecordId], *, unless_pinned: bool
) -> list[str]:
    """Delete records, their copies and all that is known of them; give the unused paths."""
    asked = {"ids": json.dumps(list(records)), "most_pinned": 0 if unless_pinned else 1}
    deleted = db.execute(_SELECT_DELETED, asked).fetchall()
    seqs = [row["seq"] for row in deleted]
    taken = take_terms(db, seqs)
    take_from_totals(db, seqs)
    copies = [path for row in deleted for path in paths_of_copies(db, row["seq"])]
    db.executemany(_DELETE_WORDS, [{"seq": seq} for seq in seqs])
    db.executemany(_DELETE_ROW, [{"seq": seq} for seq in seqs])
    drop_unused_words(db, taken)
    originals = [row["stored_path"] for row in deleted if row["stored_path"]]
    return find_unused(db, list(dict.fromkeys([*originals, *copies])))


def find_unused(db: sqlite3.Connection, paths: Sequence[str]) -> list[str]:
    """Give those of *paths* that neither a record nor a copy has."""
    unused = db.execute(_FIND_UNUSED, {"paths": json.dumps(list(paths))})
    return [row["path"] for row in unused.fetchall()]


def count_uses(db: sqlite3.Connection, paths: Sequence[str]) -> dict[str, int]:
    """Count the records and copies that have each of *paths*."""
    uses = db.execute(_COUNT_USES, {"paths": json.dumps(list(paths))})
    return {row["path"]: row["uses"] for row in uses.fetchall()}


def _index(db: sqlite3.Connection, records: Mapping[int, Record]) -> None:
    """Make the rows just written found and counted."""
    texts = [
        {"seq": seq, "text": searchable(record.prompt, record.expanded_prompt)}
        for seq, record in records.items()
    ]
    db.executemany(_ADD_WORDS, texts)
    for seq, record in records.items():
        _add_tags(db, seq, record.tags)
    add_terms(db, [*records])
    add_to_totals(db, [*records])


def _add_tags(db: sqlite3.Connection, seq: int, tags: Sequence[str]) -> None:
    db.executemany(_ADD_TAG, [{"tag": encodable(tag), "seq": seq} for tag in tags])
