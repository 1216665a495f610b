"""Values everything shares. Pure."""
