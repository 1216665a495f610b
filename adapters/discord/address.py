"""How a person is answered: what a command's return address holds, and reading it. Pure.

An interaction's token is good for 15 minutes and answers privately; a reply to a picture
has no token, only the message it was written in. The tokens are secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import discord

# A request that starts now has to arrive before the token's end.
_MARGIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddress:
    """Where the private note is, or the message to answer to."""

    token: str | None = None
    application_id: int = 0
    expires_at: datetime | None = None
    size_limit: int | None = None  # bytes a file
    message_id: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, str]) -> Self:
        """Give what a job's `return_address` says."""
        expires = stored.get("expires_at")
        limit, message = stored.get("size_limit"), stored.get("message_id")
        return cls(
            token=stored.get("token"),
            application_id=int(stored.get("application_id", 0)),
            expires_at=datetime.fromisoformat(expires) if expires else None,
            size_limit=int(limit) if limit else None,
            message_id=int(message) if message else None,
        )

    def token_at(self, now: datetime) -> str | None:
        """Give the interaction's token while it may still be used."""
        if self.expires_at is None or now > self.expires_at - _MARGIN:
            return None
        return self.token


def of_interaction(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """Give the return address of a command, button or form."""
    return {
        "token": interaction.token,
        "application_id": str(interaction.application_id),
        "expires_at": interaction.expires_at.isoformat(),
        "size_limit": str(interaction.filesize_limit),
    }


def of_message(message: discord.Message) -> dict[str, str]:
    """Give the return address of a reply to a picture."""
    return {"message_id": str(message.id)}
