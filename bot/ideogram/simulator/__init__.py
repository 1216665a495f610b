"""A small Ideogram on this machine: the official wire format, drawn pictures, no account."""
