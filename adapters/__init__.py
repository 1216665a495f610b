"""Front ends: they translate and carry, and decide nothing."""
