"""What a request carries: JSON, or multipart with `payload_json` and files."""

import json
import re
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    content: bytes


@dataclass(slots=True)
class Body:
    json: Any = None
    files: dict[int, Upload] = field(default_factory=dict)


async def read(request: web.Request) -> Body:
    raw = await request.read()
    kind = request.content_type
    if kind == "multipart/form-data":
        return _multipart(request.headers["Content-Type"], raw)
    return Body(json.loads(raw) if raw else None)


def _multipart(content_type: str, raw: bytes) -> Body:
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    assert found
    body = Body({})
    for part in raw.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        headers = BytesHeaderParser().parsebytes(head)
        name = str(headers.get_param("name", header="content-disposition"))
        if name == "payload_json":
            body.json = json.loads(content)
        elif number := re.fullmatch(r"files\[(\d+)\]", name):
            filename = headers.get_param("filename", header="content-disposition")
            body.files[int(number[1])] = Upload(str(filename), content)
    return body
