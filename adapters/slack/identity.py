"""Who the bot is in its workspace, as `auth.test` tells. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The bot's own account."""

    team_id: str
    bot_user_id: str
    bot_id: str
    bot_name: str
    home: str = ""  # the workspace's address in a browser
