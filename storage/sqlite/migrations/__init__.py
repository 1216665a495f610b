"""The shape of the database, one append-only step after another, a file each."""
