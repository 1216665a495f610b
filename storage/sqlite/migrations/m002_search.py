"""Tags in a table of their own, prompts in an index of three-letter parts."""

from sqlite_utils import Database


def m002_search(database: Database) -> None:
    """Tags in a table of their own, prompts in an index of three-letter parts.

    The index is written with the row, not by triggers, which slow batches to a third.
    It holds text whose case is folded already, beyond ASCII too.
    """
    database.execute("""
        CREATE TABLE generation_tags (
            tag TEXT NOT NULL,
            seq INTEGER NOT NULL REFERENCES generations (seq) ON DELETE CASCADE,
            PRIMARY KEY (tag, seq)
        ) WITHOUT ROWID
    """)
    database.execute("CREATE INDEX generation_tags_seq ON generation_tags (seq)")
    database.execute("""
        CREATE VIRTUAL TABLE generation_search USING fts5 (
            text, tokenize = 'trigram case_sensitive 1'
        )
    """)
