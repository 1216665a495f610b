"""Which addresses may be called back, as they are written."""

from ipaddress import ip_address

import pytest

from bot.callbacks.guard import Rules, without_secrets
from bot.errors import WrongInput

PUBLIC = Rules()
PRIVATE_TOO = Rules(is_private_allowed=True)

# What a person might type to make the bot speak to a machine it should not know of.
TRICKS = {
    "plain http": "http://example.com/hook",
    "another scheme": "ftp://example.com/hook",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://example.com:6379/_INFO",
    "no scheme": "//example.com/hook",
    "nothing": "",
    "no host": "https:///hook",
    "a port and no host": "https://:443/hook",
    "loopback": "https://127.0.0.1/hook",
    "loopback elsewhere": "https://127.255.255.254/hook",
    "loopback by name": "https://localhost/hook",
    "loopback by a longer name": "https://a.localhost/hook",
    "loopback in capitals": "https://LOCALHOST/hook",
    "zero": "https://0.0.0.0/hook",
    "ten": "https://10.1.2.3/hook",
    "a hundred and seventy-two": "https://172.31.0.1/hook",
    "a hundred and ninety-two": "https://192.168.1.1/hook",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "metadata of Alibaba": "https://100.100.100.200/latest/",
    "metadata of Oracle": "https://192.0.0.192/latest/",
    "platform of Azure": "https://168.63.129.16/machine",
    "metadata by name": "https://metadata.google.internal/",
    "carrier-grade NAT": "https://100.64.0.1/hook",
    "benchmarks": "https://198.18.0.1/hook",
    "documentation": "https://192.0.2.1/hook",
    "multicast": "https://224.0.0.1/hook",
    "reserved": "https://240.0.0.1/hook",
    "broadcast": "https://255.255.255.255/hook",
    "decimal": "https://2130706433/hook",
    "octal": "https://0177.0.0.1/hook",
    "octal of ten": "https://012.1.2.3/hook",
    "hexadecimal": "https://0x7f000001/hook",
    "hexadecimal in parts": "https://0x7f.0.0.1/hook",
    "hexadecimal at the end": "https://127.0.0.0x1/hook",
    "short": "https://127.1/hook",
    "overflow": "https://256.256.256.256/hook",
    "five parts": "https://127.0.0.1.1/hook",
    "a name that ends in a number": "https://example.1/hook",
    "IPv6 loopback": "https://[::1]/hook",
    "IPv6 unspecified": "https://[::]/hook",
    "IPv6 link-local": "https://[fe80::1]/hook",
    "IPv6 unique local": "https://[fd12:3456::1]/hook",
    "IPv6 site-local": "https://[fec0::1]/hook",
    "IPv6 metadata": "https://[fd00:ec2::254]/hook",
    "IPv6 multicast": "https://[ff02::1]/hook",
    "IPv6 documentation": "https://[2001:db8::1]/hook",
    "IPv4 mapped": "https://[::ffff:127.0.0.1]/hook",
    "IPv4 mapped in hex": "https://[::ffff:7f00:1]/hook",
    "IPv4 mapped and public": "https://[::ffff:8.8.8.8]/hook",
    "IPv4 compatible": "https://[::127.0.0.1]/hook",
    "NAT64": "https://[64:ff9b::7f00:1]/hook",
    "local NAT64": "https://[64:ff9b:1::7f00:1]/hook",
    "6to4": "https://[2002:7f00:1::1]/hook",
    "Teredo": "https://[2001:0:7f00:1::1]/hook",
    "ISATAP": "https://[2600::5efe:10.0.0.1]/hook",
    "a zone": "https://[fe80::1%25eth0]/hook",
    "a bare zone": "https://[2600::1%eth0]/hook",
    "no bracket at the end": "https://[::1/hook",
    "a future form of address": "https://[v1.fe80::1]/hook",
    "a trailing dot": "https://localhost./hook",
    "a trailing dot behind figures": "https://127.0.0.1./hook",
    "a trailing dot behind a name": "https://example.com./hook",
    "an empty label": "https://example..com/hook",
    "a name in the network": "https://intranet/hook",
    "a router": "https://printer.local/hook",
    "a user name": "https://ada@example.com/hook",
    "a password": "https://ada:secret@example.com/hook",
    "an empty user name": "https://@127.0.0.1/hook",
    "a host as user name": "https://example.com@127.0.0.1/hook",
    "a backslash": "https://example.com\\@127.0.0.1/hook",
    "a backslash in the path": "https://example.com/\\127.0.0.1",
    "a fragment": "https://example.com#@127.0.0.1/",
    "an escape in the host": "https://127%2e0.0.1/hook",
    "wide digits": "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/hook",
    "circled digits": "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/hook",
    "a wide dot": "https://127\u30020\u30020\u30021/hook",
    "letters of elsewhere": "https://exämple.com/hook",
    "a soft hyphen": "https://local\u00adhost/hook",
    "a line break": "https://example.com/hook\r\nHost: localhost",
    "a tab in the host": "https://exam\tple.com/hook",
    "a null": "https://example.com/\x00",
    "a space": "https://example.com /hook",
    "a space before": " https://example.com/hook",
    "mail": "https://example.com:25/hook",
    "SSH": "https://example.com:22/hook",
    "plain web": "https://example.com:80/hook",
    "port zero": "https://example.com:0/hook",
    "a port too high": "https://example.com:65536/hook",
    "a negative port": "https://example.com:-1/hook",
    "a port of letters": "https://example.com:https/hook",
    "an empty port": "https://example.com:/hook",
    "two ports": "https://example.com:443:22/hook",
    "a label too long": f"https://{'a' * 64}.com/hook",
    "a name too long": f"https://{'a.' * 127}com/hook",
    "an address too long": f"https://example.com/{'a' * 2000}",
}
FINE = [
    "https://example.com",
    "https://example.com/hooks/ideogram?key=1",
    "https://EXAMPLE.com:443/hook",
    "https://hooks.example.co.uk:8443/",
    "https://xn--exmple-cua.com/hook",
    "https://8.8.8.8/hook",
    "https://[2606:4700::1111]/hook",
]
# What even a network of one's own has no use for.
NEVER = [
    "a file",
    "no host",
    "decimal",
    "octal",
    "short",
    "a bare zone",
    "a trailing dot",
    "a password",
    "a backslash",
    "a fragment",
    "wide digits",
    "a line break",
    "port zero",
]


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_refused(name):
    with pytest.raises(WrongInput, match="The callback address"):
        PUBLIC.check(TRICKS[name])


@pytest.mark.parametrize("url", FINE)
def test_a_web_server_on_the_internet_may_be_called(url):
    PUBLIC.check(url)
    PRIVATE_TOO.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/hook",
        "http://localhost/hook",
        "https://intranet:81/hook",
        "http://[::1]:9000/hook",
        "http://10.0.0.7/",
    ],
)
def test_a_private_one_may_where_it_is_allowed(url):
    """CALLBACK_ALLOW_PRIVATE: the receiver stands in the same network."""
    PRIVATE_TOO.check(url)


@pytest.mark.parametrize("name", NEVER)
def test_some_are_refused_even_then(name):
    with pytest.raises(WrongInput):
        PRIVATE_TOO.check(TRICKS[name])


def test_the_refusal_does_not_repeat_the_address():
    """It may hold a password, and refusals are logged."""
    with pytest.raises(WrongInput) as refused:
        PUBLIC.check("https://ada:secret@example.com/hook")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("8.8.8.8", True),
        ("172.32.0.1", True),
        ("100.128.0.1", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:8.8.8.8", False),
        ("fe80::1%eth0", False),
        ("2600::200:5efe:808:808", False),
    ],
)
def test_a_connection_is_judged_by_its_address(text, is_allowed):
    """Whatever name led there."""
    assert PUBLIC.may_connect(ip_address(text)) is is_allowed
    assert PRIVATE_TOO.may_connect(ip_address(text))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/key/1?sig=2", "https://example.com"),
        ("http://ada:secret@[::1]:81/", "http://[::1]:81"),
        ("https://[broken", "?"),
    ],
)
def test_a_log_shows_where_and_no_more(url, shown):
    assert without_secrets(url) == shown
