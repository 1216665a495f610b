"""`/imagine help`: what can be typed, from the same tables that read it."""

from dataclasses import dataclass

from bot.chat.catalogue import Catalogue, Option
from bot.chat.commands import Help
from bot.chat.replies import Notice

FEW = 16  # more values than that are not listed in the help text


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpHandler:
    """Explains."""

    catalogue: Catalogue

    async def __call__(self, _: Help) -> Notice:
        """Give the help text."""
        flags = "\n".join(_line(option) for option in self.catalogue.options)
        commands = "\n".join(
            f"/imagine {f'{info.name} {info.arguments}'.strip()}: {info.help}"
            for info in self.catalogue.commands
        )
        return Notice(
            text="Type what to draw, with flags anywhere:\n"
            "/imagine a fox in a suit --ar 16:9 --seed 42 --no text, blur\n\n"
            f"{flags}\n\n"
            "Reply same, again or reproduce to a picture to get the very same one; flags "
            "behind the word change just that: same --ar 9:16.\n\n"
            f"{commands}"
        )


def _line(option: Option) -> str:
    names = ", ".join(
        ("-" if len(name) == 1 and name != "n" else "--") + name
        for name in (option.flag, *option.aliases)
    )
    few = option.is_closed and 0 < len(option.choices) <= FEW
    values = " ".join(choice.value for choice in option.choices) if few else ""
    return f"{names}: {option.help}{f' ({values})' if values else ''}"
