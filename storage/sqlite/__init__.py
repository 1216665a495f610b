"""SQLite: one writer thread, readers of their own."""
