"""Ideogram: wire formats, models, routes, client, download, simulator."""
