"""Finding the picture someone means, without telling of pictures they may not see."""

from dataclasses import dataclass

from bot.chat.commands import MessageRef, Origin
from bot.domain.people import Platform
from bot.domain.record import Record, RecordId
from bot.errors import NotFound, WrongInput
from bot.ports.records import Records

# The same words whether it does not exist or is not for this person.
NO_SUCH = "There is no picture {id} here. Look for it with /imagine history or search."
WHICH = "Which picture? Give its id, as /imagine history tells it."
GONE = "The record of this picture is gone: it was deleted or older than is kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Records, as one person in one place may see them."""

    records: Records

    async def by_id(self, origin: Origin, beginning: str) -> Record:
        """Give the one record whose id begins so. Raises: NotFound, WrongInput."""
        typed = beginning.strip()
        if not typed:
            raise WrongInput(WHICH)
        beginning = typed.lower()
        for whole in dict.fromkeys(
            (typed, beginning)
        ):  # imported ids may have capitals
            exact = await self.records.get(RecordId(whole))
            if exact is not None and _sees(origin, exact):
                return exact
        found = await self.records.match(beginning)
        seen = [record for record in found if _sees(origin, record)]
        if not seen:
            raise NotFound(NO_SUCH.format(id=typed[:40]))
        if len(seen) > 1:
            ids = ", ".join(record.id for record in seen[:5])
            raise WrongInput(
                f"{beginning[:40]} is the beginning of several ids: {ids}. "
                "Give one of them."
            )
        return seen[0]

    async def by_press(self, origin: Origin, record_id: RecordId) -> Record:
        """Give the record a button names. Raises: NotFound."""
        record = await self.records.get(record_id)
        if record is None or not _sees(origin, record):
            raise NotFound(GONE)
        return record

    async def by_message(self, origin: Origin, ref: MessageRef) -> list[Record]:
        """Give the records a message shows, none when it shows no pictures of ours.

        A message that begins a thread stands for the newest pictures in that thread.
        """
        person = origin.person
        where = (person.platform, person.workspace_id, ref.channel_id, ref.message_id)
        found = await self.records.of_message(*where)
        found = found or await self.records.newest_in_thread(*where)
        return [record for record in found if _sees(origin, record)]


def _sees(origin: Origin, record: Record) -> bool:
    """Say whether the person may see it; at the terminal sits the operator."""
    is_operator = origin.person.platform is Platform.TERMINAL
    return is_operator or record.is_visible_to(origin.person, origin.place)
