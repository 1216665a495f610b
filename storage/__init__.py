"""Records and files: implements the ports of the core."""
