"""What the core needs from the outside, named for the need; a file each kind. Pure."""
