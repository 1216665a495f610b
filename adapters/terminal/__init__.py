"""The terminal: Typer and Rich."""
