"""Whose job is next: people take turns, each in the order they asked.

Pure bookkeeping in memory; what it holds is durable in the queue's own store.
A person with fifty jobs waiting never keeps another waiting for more than one of them.
"""

from collections import OrderedDict, deque

from bot.domain.job import Job, JobId


class Turns:
    """Jobs that wait to be drawn, round-robin between people."""

    def __init__(self) -> None:
        # By text: an OrderedDict hashes each key on every walk, and texts keep theirs.
        self._people: OrderedDict[str, deque[Job]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._people.values())

    def add(self, job: Job) -> None:
        """Put *job* behind the other jobs of its person."""
        self._people.setdefault(_key(job), deque()).append(job)

    def next(self) -> Job:
        """Take the job whose turn it is. Raises IndexError when none waits."""
        if not self._people:
            raise IndexError("no job waits")
        person, jobs = next(iter(self._people.items()))
        job = jobs.popleft()
        if jobs:
            self._people.move_to_end(person)
        else:
            del self._people[person]
        return job

    def remove(self, job_id: JobId) -> bool:
        """Take a job out; False when it does not wait here."""
        for person, jobs in self._people.items():
            for job in jobs:
                if job.id == job_id:
                    jobs.remove(job)
                    if not jobs:
                        del self._people[person]
                    return True
        return False

    def before(self, job: Job) -> int:
        """Count the jobs that will be taken before *job*."""
        own = self._people.get(_key(job), deque())
        index = next((at for at, one in enumerate(own) if one.id == job.id), None)
        if index is None:
            return 0
        count, is_ahead = index, True
        for jobs in self._people.values():
            if jobs is own:
                is_ahead = False
            else:
                count += min(len(jobs), index + is_ahead)
        return count


def _key(job: Job) -> str:
    """Name whose turn it is; a batch takes turns of its own, beside its person's."""
    person = job.person
    owner = f"{person.platform}\n{person.workspace_id}\n{person.user_id}"
    return f"{owner}\n{job.batch_id}" if job.batch_id else owner
