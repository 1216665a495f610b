"""`/imagine history` and `/imagine search WORDS`: pictures, newest first, a page at a time."""

from dataclasses import dataclass, replace

from bot.chat.commands import Find, History
from bot.chat.replies import RecordList
from bot.domain.models import Models
from bot.domain.record import Search
from bot.errors import WrongInput
from bot.parsing.search import parse_search
from bot.ports.records import Records

PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryHandler:
    """Lists a person's own pictures."""

    records: Records

    async def __call__(self, command: History) -> RecordList:
        """Give a page. Raises: NotFound (the cursor's record is gone)."""
        origin = command.origin
        search = Search(
            user_id=origin.person.user_id,
            seen_by=(origin.person, origin.place),
            cursor=command.cursor,
        )
        return await page(
            self.records,
            search,
            title="Your pictures, newest first",
            nothing="You have no pictures yet. Draw one: /imagine a fox in a suit.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FindHandler:
    """Finds pictures among those the person may see."""

    records: Records
    models: Models

    async def __call__(self, command: Find) -> RecordList:
        """Give a page. Raises: WrongInput, NotFound."""
        wanted = parse_search(command.text, models=self.models)
        if not (wanted.words or wanted.tags or wanted.model) and wanted.seed is None:
            raise WrongInput(
                "Say what to look for: /imagine search fox --tag campaign --seed 42."
            )
        search = Search(
            words=wanted.words,
            seed=wanted.seed,
            tags=wanted.tags,
            model=wanted.model,
            seen_by=(command.origin.person, command.origin.place),
            cursor=command.cursor,
        )
        words = command.text.strip()[:80]
        return await page(
            self.records,
            search,
            title=f"Pictures that match “{words}”, newest first",
            nothing=f"No picture matches “{words}”.",
        )


async def page(
    records: Records, search: Search, *, title: str, nothing: str
) -> RecordList:
    """Give one page of PAGE records, with a cursor when there are more.

    *nothing* is the title of an empty first page.
    """
    found = await records.search(replace(search, limit=PAGE + 1))
    if not found and search.cursor is None:
        title = nothing
    shown = tuple(found[:PAGE])
    cursor = shown[-1].id if len(found) > PAGE else None
    return RecordList(title=title, records=shown, cursor=cursor)
