"""What a person decided about others' pictures: the decision stays, their name goes."""

from storage.sqlite.database import open_database
from storage.sqlite.forgetting import SqliteForgetting
from storage.sqlite.jobs import SqliteJobQueue
from tests.fakes.values import PERSON, make_job

_ALERT = """
    INSERT INTO alerts (id, kind, target, opened_at, last_at, count, error, flaps, tried_by)
    VALUES (:by, 'api', 'slack:C1', '', '', 1, '', 0, :by)
"""
_REVIEW = "INSERT INTO reviews VALUES ('0000000000000001', :by, '', 1)"


async def test_who_pressed_a_button_is_forgotten(tmp_path):
    async with open_database(tmp_path / "bot.db") as db:
        await SqliteJobQueue(db=db).submit(make_job())
        await db.write(lambda c: c.execute(_ALERT, {"by": PERSON.user_id}).rowcount)
        await db.write(lambda c: c.execute(_ALERT, {"by": "U9"}).rowcount)
        await db.write(lambda c: c.execute(_REVIEW, {"by": PERSON.user_id}).rowcount)

        await SqliteForgetting(db=db).forget_once(PERSON)

        tried = await db.read(
            lambda c: c.execute("SELECT tried_by FROM alerts").fetchall()
        )
        decided = await db.read(lambda c: c.execute("SELECT * FROM reviews").fetchall())
    assert [row[0] for row in tried] == [None, "U9"]
    assert [(row["decided_by"], row["is_approved"]) for row in decided] == [("", 1)]
