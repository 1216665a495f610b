"""One index for every combination of a search; see storage/sqlite/terms.py."""

import sqlite3
from collections.abc import Iterator

from sqlite_utils import Database

from storage.sqlite.terms import pieces, row_terms, word_term

_ROWS = """
    SELECT
        g.seq, g.tags, g.model, g.seed, g.platform, g.workspace_id, g.channel_id,
        g.user_id, g.visibility, s.c0 AS text
    FROM generations AS g JOIN generation_search_content AS s ON s.id = g.seq
    ORDER BY g.seq
"""


def m010_terms(database: Database) -> None:
    """One index for every combination of a search, filled from the rows there are.

    A million rows take a minute, once. Each different word of the prompts is kept once.
    """
    database.execute("""
        CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)
    """)
    database.execute("""
        CREATE VIRTUAL TABLE word_parts USING fts5 (
            word, content = 'words', content_rowid = 'id',
            tokenize = 'trigram case_sensitive 1'
        )
    """)
    database.execute("""
        CREATE VIRTUAL TABLE generation_terms USING fts5 (
            terms, detail = none, columnsize = 0, tokenize = 'ascii'
        )
    """)
    # Their work is done by terms.
    for index in ("open", "members", "closed"):
        database.execute(f"DROP INDEX generations_{index}")
    numbers: dict[str, int] = {}
    cursor = database.conn.cursor()
    cursor.row_factory = sqlite3.Row
    database.conn.executemany(
        "INSERT INTO generation_terms (rowid, terms) VALUES (?, ?)",
        _terms(cursor.execute(_ROWS), numbers),
    )
    database.conn.executemany(
        "INSERT INTO words (word, id) VALUES (?, ?)", numbers.items()
    )
    database.execute("INSERT INTO word_parts (word_parts) VALUES ('rebuild')")
    database.execute(
        "INSERT INTO generation_terms (generation_terms) VALUES ('optimize')"
    )


def _terms(rows: sqlite3.Cursor, numbers: dict[str, int]) -> Iterator[tuple[int, str]]:
    for row in rows:
        words = (
            word_term(numbers.setdefault(word, len(numbers) + 1))
            for word in pieces(row["text"])
        )
        yield row["seq"], " ".join([*words, *row_terms(row)])
