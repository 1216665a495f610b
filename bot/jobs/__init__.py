"""The job pipeline: draw, keep, post, announce."""
