"""What an object in a bucket says of its picture. Pure.

Headers carry it, so it is short ASCII: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from urllib.parse import quote, urlsplit

from bot.domain.record import Record

_LONGEST = 500  # all of them together may have 2 KB


def describe(record: Record) -> dict[str, str]:
    """Give seed, id and source; of an address without what signs it."""
    known = {
        "seed": str(record.seed),
        "record": record.id,
        "source": _unsigned(record.original_url),
    }
    return {name: _plain(value) for name, value in known.items() if value}


def _unsigned(address: str | None) -> str:
    if not address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:  # from an import; none of ours
        return ""
    return parts._replace(query="", fragment="").geturl()


def _plain(value: str) -> str:
    return quote(value, safe="/:@!$&'()*+,;=-._~%?#[] ")[:_LONGEST].strip()
