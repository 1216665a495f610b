"""Text to meaning. Pure."""
