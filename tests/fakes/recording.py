"""Writes down every request a loopback server receives, for the conformance checker.

One JSON object a line, in the folder that `RECORD_REQUESTS` names; without it nothing is
written. Secrets become `***`.
"""

import json
import os
import re
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

_SECRETS = ("authorization", "api-key", "ocp-apim-subscription-key")
_LARGE = 4 * 1024 * 1024  # multipart bodies above this are not worth parsing


def record(
    to: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes = b"",
) -> None:
    """Append one request sent to *to* (`slack`, `discord`, `ideogram`)."""
    folder = os.environ.get("RECORD_REQUESTS")
    if not folder or len(body) > _LARGE:
        return
    lower = {name.lower(): value for name, value in headers.items()}
    content_type = lower.get("content-type")
    json_body, form = read_body(content_type or "", body)
    line = {
        "to": to,
        "method": method,
        "path": path,
        "query": dict(query),
        "headers": {k: "***" if k in _SECRETS else v for k, v in lower.items()},
        "content_type": content_type,
        "json": json_body,
        "form": form,
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / f"requests-{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def read_body(content_type: str, body: bytes) -> tuple[Any, dict[str, Any] | None]:
    """Give the JSON value (for multipart: of `payload_json`) and the form's fields."""
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    if kind == "application/json" and body:
        return json.loads(body), None
    if kind == "application/x-www-form-urlencoded":
        return None, dict(parse_qsl(body.decode(), keep_blank_values=True))
    if kind == "multipart/form-data":
        form = _read_multipart(content_type, body)
        payload = form.pop("payload_json", None)
        return json.loads(payload) if payload else None, form
    return None, None


def _read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    assert found, f"multipart without a boundary: {content_type}"
    form: dict[str, Any] = {}
    for part in body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        headers = BytesHeaderParser().parsebytes(head)
        name = headers.get_param("name", header="content-disposition")
        filename = headers.get_param("filename", header="content-disposition")
        if filename is None:
            form[str(name)] = content.decode()
        else:
            form[str(name)] = {
                "filename": str(filename),
                "content_type": headers.get_content_type(),
                "size": len(content),
            }
    return form
