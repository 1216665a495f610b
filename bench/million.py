"""A million records as a company might have them, and what is asked of them.

Words and tags are as unevenly common as in real prompts. Five workspaces, from nearly all
pictures to one in a thousand; some channels private. Written straight in SQL.
"""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.domain.people import Person, Place, Platform, Visibility
from bot.domain.record import RecordId, Search
from storage.sqlite.migrations.apply import migrations
from storage.sqlite.words import searchable

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 1000
WORKSPACES = {"T1": 60.0, "T2": 30.0, "T3": 8.9, "T4": 1.0, "T5": 0.1}
MODELS = {"V_2": 40, "V_3": 30, "V_2_TURBO": 20, "V_1": 9, "V_1_TURBO": 1}
VISIBILITIES = {"workspace": 70, "members": 25, "owner": 5}
USERS, CHANNELS, TAGS, WORDS = 100, 40, 300, 6000  # the first two in each workspace
BATCH = 5000
_BEGINS = "b bl br c ch d dr f fl g gr h j k l m n p pr qu r s sh st t tr v w z"
_ENDS = "d l m n r s t x ck nd ng rk rt st"

_GENERATION = """
    INSERT INTO generations (
        seq, id, prompt, expanded_prompt, model, style_type, aspect_ratio, seed,
        resolution, is_safe, stored_path, created_at, size_bytes, tags, job_id, sha256,
        prompt_hash, magic_prompt, attempts, cost_usd, platform, workspace_id,
        channel_id, user_id, pinned, visibility
    ) VALUES (
        :seq, :id, :prompt, :expanded, :model, 'DESIGN', 'ASPECT_16_9', :seed,
        '1280x720', 1, :path, :created_at, :size, :tags, :job, :sha256, :sha256, 'AUTO',
        1, 0.08, 'slack', :workspace, :channel, :user, 0, :visibility
    )
"""
_TEXT = "INSERT INTO generation_search (rowid, text) VALUES (:seq, :text)"
_TAG = "INSERT INTO generation_tags (tag, seq) VALUES (?, ?)"


def is_built(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def build(path: Path, count: int) -> None:
    """Write the rows as a version without totals left them; an update makes the rest."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -400000")
        migrations().apply(Database(db), stop_before="m007_totals")
        rows = _rows(count)
        while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            db.execute("BEGIN")
            db.executemany(_GENERATION, batch)
            db.executemany(_TEXT, batch)
            tags = [(tag, row["seq"]) for row in batch for tag in row["given"]]
            db.executemany(_TAG, tags)
            db.execute("COMMIT")


def _rows(count: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(1)
    vocabulary, common = _vocabulary(), _uneven(WORDS)
    tag_names, common_tags = [f"tag{n}" for n in range(TAGS)], _uneven(TAGS)
    for seq in range(1, count + 1):
        words = chance.choices(vocabulary, common, k=24)
        prompt, expanded = " ".join(words[:8]), " ".join(words[8:])
        workspace = _one(chance, WORKSPACES)
        given = set(chance.choices(tag_names, common_tags, k=chance.randrange(4)))
        created_at = START + timedelta(days=DAYS * seq / count)
        name = f"{chance.getrandbits(256):064x}"
        yield {
            "seq": seq,
            "id": f"{seq:016x}-1",
            "prompt": prompt,
            "expanded": expanded,
            "text": searchable(prompt, expanded),
            "model": _one(chance, MODELS),
            "seed": chance.randrange(2**31),
            "path": f"{name[:2]}/{name}.png",
            "created_at": created_at.isoformat(timespec="microseconds")[:26] + "Z",
            "size": chance.randrange(500_000, 3_000_000),
            "tags": json.dumps(sorted(given)),
            "given": given,
            "job": f"{seq:016x}",
            "sha256": name,
            "workspace": workspace,
            "channel": f"{workspace}C{chance.randrange(CHANNELS)}",
            "user": f"{workspace}U{chance.randrange(USERS)}",
            "visibility": _one(chance, VISIBILITIES),
        }


def _vocabulary() -> list[str]:
    """Give pronounceable words: parts of them occur in others, as in a language."""
    chance = random.Random(3)
    begins = _BEGINS.split()
    ends = ["", "", "", *_ENDS.split()]
    parts = [a + b + c for a in begins for b in "aeiouyö" for c in ends]
    words = {
        "".join(chance.choices(parts, k=chance.randint(1, 3))) for _ in range(9000)
    }
    long = sorted(word for word in words if len(word) > 2)
    chance.shuffle(long)
    return long[:WORDS]


def _uneven(count: int) -> list[float]:
    return [1 / (rank + 3) for rank in range(count)]


def _one(chance: random.Random, weights: dict[str, float] | dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


class Asker:
    """Makes up questions of each kind, about what is there."""

    def __init__(self, db: sqlite3.Connection, chance: random.Random) -> None:
        self._chance = chance
        self._vocabulary = _vocabulary()
        self._ids = [
            RecordId(row[0])
            for row in db.execute("SELECT id FROM generations WHERE seq % 997 = 0")
        ]
        self._seeds = [
            row[0]
            for row in db.execute("SELECT seed FROM generations WHERE seq % 997 = 0")
        ]

    def kinds(self) -> list[tuple[str, Callable[[], Search]]]:
        """Give each kind's name, and what makes one of it."""
        word, tag, day = self._word, self._tag, self._day
        return [
            ("newest", Search),
            ("word", lambda: Search(words=word())),
            ("part of a word", lambda: Search(words=word()[1:5])),
            ("no hit", lambda: Search(words=f"{word()}zzz{self._number(9)}")),
            ("two words", lambda: Search(words=f"{word()} {word()}")),
            ("two-letter word", lambda: Search(words=word()[:2])),
            ("tag", lambda: Search(tags=(tag(),))),
            ("two tags", lambda: Search(tags=(tag(), tag()))),
            ("seed", lambda: Search(seed=self._chance.choice(self._seeds))),
            ("seed nobody has", lambda: Search(seed=2**31 + self._number(999))),
            ("model", lambda: Search(model=self._model())),
            ("model nobody uses", lambda: Search(model="V_9")),
            ("person", lambda: Search(user_id=self._user())),
            ("channel", lambda: Search(channel_id=self._channel())),
            ("one day", lambda: self._days(1)),
            ("thirty days", lambda: self._days(30)),
            ("until", lambda: Search(until=day())),
            ("word and model", lambda: Search(words=word(), model=self._model())),
            ("word and tag", lambda: Search(words=word(), tags=(tag(),))),
            ("word and person", lambda: Search(words=word(), user_id=self._user())),
            ("tag and person", lambda: Search(tags=(tag(),), user_id=self._user())),
            ("word and until", lambda: Search(words=word(), until=day())),
            ("tag and until", lambda: Search(tags=(tag(),), until=day())),
            ("model and person", self._model_and_person),
            *self._triples(),
            ("later page", lambda: Search(cursor=self._id())),
            ("later page, word", lambda: Search(words=word(), cursor=self._id())),
            ("later page, tag", lambda: Search(tags=(tag(),), cursor=self._id())),
            *(kind for name in WORKSPACES for kind in self._seen_in(name)),
            ("seen from an empty workspace", lambda: Search(seen_by=self._seer("T9"))),
        ]

    def _triples(self) -> list[tuple[str, Callable[[], Search]]]:
        word, tag, user, channel = self._word, self._tag, self._user, self._channel
        model = self._model
        return [
            ("three words", lambda: Search(words=f"{word()} {word()} {word()}")),
            ("three tags", lambda: Search(tags=(tag(), tag(), tag()))),
            (
                "word, tag and model",
                lambda: Search(words=word(), tags=(tag(),), model=model()),
            ),
            (
                "word, tag and person",
                lambda: Search(words=word(), tags=(tag(),), user_id=user()),
            ),
            (
                "word, channel and model",
                lambda: Search(words=word(), channel_id=channel(), model=model()),
            ),
            (
                "tag, channel and until",
                lambda: Search(tags=(tag(),), channel_id=channel(), until=self._day()),
            ),
            (
                "part of a word, tag and model",
                lambda: Search(words=word()[1:4], tags=(tag(),), model=model()),
            ),
            ("word and channel", lambda: Search(words=word(), channel_id=channel())),
            ("person and channel", self._person_and_channel),
        ]

    def _seen_in(self, workspace: str) -> list[tuple[str, Callable[[], Search]]]:
        def seer() -> tuple[Person, Place]:
            return self._seer(workspace)

        def by(**asked: object) -> Search:
            return Search(seen_by=seer(), **asked)  # type: ignore[arg-type]

        where = f", seen in {workspace} ({WORKSPACES[workspace]:g} %)"
        return [
            (f"newest{where}", by),
            (f"own{where}", lambda: self._own(workspace)),
            (f"word{where}", lambda: by(words=self._word())),
            (f"tag{where}", lambda: by(tags=(self._tag(),))),
            (
                f"word and tag{where}",
                lambda: by(words=self._word(), tags=(self._tag(),)),
            ),
            (f"own word{where}", lambda: self._own(workspace, words=self._word())),
            (f"word, later{where}", lambda: by(words=self._word(), cursor=self._id())),
        ]

    def _seer(self, workspace: str) -> tuple[Person, Place]:
        user = f"{workspace}U{self._number(USERS)}"
        channel = f"{workspace}C{self._number(CHANNELS)}"
        return (
            Person(platform=Platform.SLACK, workspace_id=workspace, user_id=user),
            Place(
                platform=Platform.SLACK,
                workspace_id=workspace,
                channel_id=channel,
                visibility=Visibility.MEMBERS,
            ),
        )

    def _own(self, workspace: str, *, words: str | None = None) -> Search:
        person, place = self._seer(workspace)
        return Search(words=words, user_id=person.user_id, seen_by=(person, place))

    def _person_and_channel(self) -> Search:
        workspace = self._chance.choice(list(WORKSPACES))
        person, place = self._seer(workspace)
        return Search(user_id=person.user_id, channel_id=place.channel_id)

    def _model_and_person(self) -> Search:
        return Search(model=self._model(), user_id=self._user())

    def _word(self) -> str:
        """Give a word that people look for: any of the thousand most common."""
        return self._vocabulary[self._number(1000)]

    def _tag(self) -> str:
        return f"tag{self._number(TAGS)}"

    def _model(self) -> str:
        return self._chance.choice(list(MODELS))

    def _user(self) -> str:
        return f"{self._chance.choice(list(WORKSPACES))}U{self._number(USERS)}"

    def _channel(self) -> str:
        return f"{self._chance.choice(list(WORKSPACES))}C{self._number(CHANNELS)}"

    def _id(self) -> RecordId:
        return self._chance.choice(self._ids)

    def _day(self) -> datetime:
        return START + timedelta(days=self._number(DAYS))

    def _days(self, count: int) -> Search:
        since = self._day()
        return Search(since=since, until=since + timedelta(days=count))

    def _number(self, below: int) -> int:
        return self._chance.randrange(below)
