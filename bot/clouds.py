"""The variables of the clouds, by the names that their own tools read.

What they mean is the affair of who speaks to the cloud. The settings alone ask for them.
"""

import os
import re
from collections.abc import Iterator, Mapping

from dotenv import dotenv_values

_PREFIXES = ("AWS_", "AZURE_", "GOOGLE_")
_HIDDEN = re.compile(r"KEY$|SECRET|TOKEN|BASE64|CONNECTION_STRING")


def read(file: object) -> Mapping[str, str]:
    """Give all that are set here or in *file*; as for the settings, what is here wins."""
    written = dotenv_values(file) if isinstance(file, str) else {}
    both = {**written, **os.environ}
    return {
        name: text.strip()
        for name, text in both.items()
        if name.startswith(_PREFIXES) and text and text.strip()
    }


def secrets(variables: Mapping[str, str]) -> Iterator[str]:
    """Give the values that no log may hold."""
    for name, value in variables.items():
        if _HIDDEN.search(name) and not name.endswith("_FILE"):
            yield value
