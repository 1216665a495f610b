"""The second step: the pictures to disk, then their records; file first, record second."""

import asyncio
import logging
from dataclasses import dataclass

from bot.domain.drawing import Drawn, DrawnImage
from bot.domain.job import Job, Step
from bot.domain.models import Models
from bot.domain.record import Record, RecordId
from bot.domain.request import prompt_hash
from bot.domain.review import UNSAFE, in_review, unpublished
from bot.errors import DownloadFailed
from bot.ids import record_id
from bot.jobs.retry import RetryRules, TryAgain
from bot.ports.base import Clock
from bot.ports.files import Files, StoredFile
from bot.ports.images import ImageService
from bot.ports.jobs import JobLog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keeps what was drawn before its address expires."""

    images: ImageService
    files: Files
    steps: JobLog
    models: Models
    clock: Clock
    rules: RetryRules
    transfers: asyncio.Semaphore  # each fills some memory, however large the picture

    async def __call__(self, job: Job, drawn: Drawn) -> list[Record]:
        """Give the records, written down together with the checkpoint.

        A picture that is not to be had does not take the job's others with it: once its
        last try has failed, it has a record without a file.
        Raises: DownloadFailed, PictureExpired, StorageError.
        """
        results = await asyncio.gather(
            *(self._fetch(job, image) for image in drawn.images),
            return_exceptions=True,
        )
        is_any_kept = any(isinstance(result, StoredFile) for result in results)
        files = [self._file(job, result, may_miss=is_any_kept) for result in results]
        records = [
            self._record(job, index, image, file)
            for index, (image, file) in enumerate(zip(drawn.images, files, strict=True))
        ]
        copies = []
        if job.reviewed_in:
            copies = [in_review(record) for record in records if record.stored_path]
            records = [unpublished(record) for record in records]
        await self.steps.finish(job.id, Step.KEEP, {}, records=records, copies=copies)
        log.info(
            "Kept %d of %d pictures",
            sum(file is not None for file in files),
            len(files),
            extra={"job": job.id, "action": "keep"},
        )
        return records

    async def _fetch(self, job: Job, image: DrawnImage) -> StoredFile | None:
        if not image.url or not (image.is_safe or job.keeps_unsafe):
            return None
        async with self.transfers, self.files.receive() as incoming:
            content_type = await self.images.download(image.url, incoming)
            return await incoming.store(content_type, created_at=self.clock.now())

    def _file(
        self, job: Job, result: StoredFile | BaseException | None, *, may_miss: bool
    ) -> StoredFile | None:
        if not isinstance(result, BaseException):
            return result
        if not (may_miss and isinstance(result, DownloadFailed)):
            raise result
        decision = self.rules.decide(
            result,
            step=Step.KEEP,
            calls=job.calls,
            failures=job.failures + 1,
            now=self.clock.now(),
        )
        if isinstance(decision, TryAgain):
            raise result
        log.error(
            "A picture is not to be had: %s",
            type(result).__name__,
            extra={"job": job.id, "action": "keep"},
        )
        return None

    def _record(
        self, job: Job, index: int, image: DrawnImage, file: StoredFile | None
    ) -> Record:
        request, lineage = job.request, job.lineage
        typed = lineage.typed_prompt if lineage else request.prompt
        model = self.models[request.model]
        return Record(
            id=record_id(job.id, index),
            prompt=typed,
            expanded_prompt=None if image.prompt == typed else image.prompt,
            negative_prompt=request.negative_prompt,
            model=request.model,
            style_type=image.style_type or request.style_type or "AUTO",
            aspect_ratio=None
            if request.resolution
            else request.aspect_ratio or "ASPECT_1_1",
            seed=image.seed,
            resolution=image.resolution,
            is_safe=image.is_safe,
            original_url=image.url if file or image.is_safe else None,
            stored_path=file.path if file else None,
            created_at=self.clock.now(),
            size_bytes=file.size_bytes if file else None,
            tags=request.tags,
            job_id=job.id,
            parent_id=RecordId(lineage.parent_id) if lineage else None,
            sha256=file.sha256 if file else None,
            prompt_hash=prompt_hash(request),
            magic_prompt=request.magic_prompt,
            color_palette=request.color_palette,
            rendering_speed=request.rendering_speed,
            attempts=job.calls,
            cost_usd=model.price(request.rendering_speed),
            person=job.person,
            place=job.place,
            withheld=None if file or image.is_safe else UNSAFE,
        )
