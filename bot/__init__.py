"""The shared core: no chat platform, no SQL."""
