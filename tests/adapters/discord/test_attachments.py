"""Where an attachment may be fetched from."""

import pytest
import yarl

from adapters.discord.attachments import is_known

OWN = yarl.URL("https://discord.com")


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://cdn.discordapp.com/ephemeral-attachments/1/2/a.txt?ex=1", True),
        ("https://media.discordapp.net/attachments/1/2/a.txt", True),
        ("https://CDN.discordapp.com:443/a.txt", True),
        ("http://cdn.discordapp.com/a.txt", False),
        ("https://cdn.discordapp.com:8443/a.txt", False),
        ("https://cdn.discordapp.com.example.com/a.txt", False),
        ("https://cdn.discordapp.com@example.com/a.txt", False),
        ("https://127.0.0.1/a.txt", False),
        ("https://[::1]/a.txt", False),
        ("https://169.254.169.254/latest/meta-data", False),
    ],
)
def test_only_discords_own_hosts_are_asked(address, known):
    """Whatever an address says, nothing else on this network is reached."""
    assert is_known(yarl.URL(address, encoded=True), own=OWN) is known


def test_what_stands_in_for_discord_has_its_own_files():
    """DISCORD_BASE_URL says so: the host, and nothing beside it."""
    own = yarl.URL("http://127.0.0.1:8001/api/v10").origin()

    assert is_known(yarl.URL("http://127.0.0.1:8001/a.txt"), own=own)
    assert not is_known(yarl.URL("http://127.0.0.1:8002/a.txt"), own=own)


def test_no_address_is_none():
    with pytest.raises(ValueError, match="absolute"):
        is_known(yarl.URL("/a.txt"), own=OWN)
