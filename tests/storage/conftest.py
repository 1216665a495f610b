"""The database under upkeep: each suite that asks for it runs over all of them."""

import pytest

from tests.contracts.databases import DATABASES


@pytest.fixture(params=DATABASES)
def database(request):
    """Opens the stores of one database on a folder."""
    return DATABASES[request.param]
