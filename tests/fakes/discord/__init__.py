"""A loopback Discord: gateway and REST, as strict as its documentation."""
