"""The rules of the house: who imports whom, what is locked, what the image is made of."""

import asyncio
import io
import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from aiohttp import web
from dockerfile_parse import DockerfileParser
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.loading import load_settings
from tests.fakes.serving import serving

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_LINT = """
import sys
from importlinter.cli import lint_imports

sys.exit(lint_imports(no_cache=True))
"""
LOCKS = ("requirements.lock", "requirements-dev.lock")


# --- sources -----------------------------------------------------------------


def test_import_contracts_hold():
    """The layers of the design; the report is in the output when one is broken."""
    # A process of its own: it switches off the loggers of the one it runs in.
    checked = subprocess.run(
        [sys.executable, "-c", _LINT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


def test_packages_hold_a_docstring_and_nothing_else():
    """No work at import."""
    for top in ("bot", "adapters", "storage"):
        for path in (ROOT / top).rglob("__init__.py"):
            assert re.fullmatch(r'"""[^"]+"""\n', path.read_text()), path


# --- locks -------------------------------------------------------------------


def locked(name):
    lines = re.findall(
        r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE
    )
    return {canonicalize_name(package): version for package, version in lines}


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_hashes_and_no_address(name):
    """Whoever installs chooses where from; the hashes say what."""
    text = (ROOT / name).read_text()

    assert "://" not in text
    packages = re.split(r"\n(?=\S)", text.strip())
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_locks_satisfy_the_ranges():
    """A range that was changed without `make lock` is found here."""
    extras = PROJECT["optional-dependencies"]
    wanted = {
        LOCKS[0]: PROJECT["dependencies"],
        LOCKS[1]: [*PROJECT["dependencies"], *extras["test"], *extras["dev"]],
    }

    for name, ranges in wanted.items():
        versions = locked(name)
        for requirement in map(Requirement, ranges):
            version = versions[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), (name, str(requirement))


def test_developers_run_what_is_shipped():
    """The tests mean something for the image only with the same versions in it."""
    shipped, developed = locked(LOCKS[0]), locked(LOCKS[1])

    assert {name: developed.get(name) for name in shipped} == shipped


# --- image -------------------------------------------------------------------


def dockerfile():
    content = (ROOT / "Dockerfile").read_bytes()
    return DockerfileParser(fileobj=io.BytesIO(content), env_replace=False)


def stages():
    """Give each stage as its (instruction, value) pairs."""
    found = []
    for item in dockerfile().structure:
        if item["instruction"] == "FROM":
            found.append([])
        if item["instruction"] != "COMMENT":
            found[-1].append((item["instruction"], item["value"]))
    return found


def values(stage, instruction):
    return [value for name, value in stage if name == instruction]


def test_the_image_has_two_stages():
    build, final = stages()

    assert values(build, "FROM") == ["python:3.11-slim AS build"]
    assert values(final, "FROM") == ["python:3.11-slim"]
    [user] = values(final, "RUN")
    assert user.startswith("useradd --uid 10001 ")


def test_the_image_installs_the_lock_before_it_sees_the_sources():
    """A change of code does not install everything anew."""
    build, _ = stages()
    order = [f"{name} {value}" for name, value in build]

    [locked_at] = [i for i, line in enumerate(order) if "--require-hashes" in line]
    sources = [
        i
        for i, line in enumerate(order)
        if re.match(r"COPY (bot|adapters|storage)", line)
    ]
    assert len(sources) == 3
    assert locked_at < min(sources)


def test_the_image_runs_as_nobody_special():
    _, final = stages()
    names = [name for name, _ in final]

    assert values(final, "USER") == ["bot"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert values(final, "ENTRYPOINT") == ['["ideogram-bot"]']
    assert values(final, "CMD") == ['["run"]']
    assert values(final, "STOPSIGNAL") == ["SIGTERM"]


def test_the_image_keeps_its_data_in_the_volume():
    [volume] = values(stages()[1], "VOLUME")
    names = ("HTTP_HOST", "HTTP_PORT", "DATABASE_URL", "FILES_URL")
    environment = dockerfile().envs

    settings = load_settings(
        {name: environment[name] for name in names}, needs_ideogram=False
    )

    assert settings.http_host == "0.0.0.0"
    assert settings.database_path.is_relative_to(volume)
    assert settings.files_root.is_relative_to(volume)
    assert environment["PYTHONUNBUFFERED"] == "1"


def test_what_is_copied_is_there_and_nothing_else_is_sent():
    """`.dockerignore` refuses everything that is not named: no secrets, no data."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        path for value in values(stages()[0], "COPY") for path in value.split()[:-1]
    }

    assert "*" in ignored
    assert copied == sent
    assert [path for path in copied if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)], ids=["up", "down"])
async def test_the_health_check_tells_up_from_down(status, code):
    """It runs here as it runs in the image: the same words, another port."""
    [check] = values(stages()[1], "HEALTHCHECK")
    program, *arguments = json.loads(check.partition("CMD ")[2])
    assert program == "python"

    async def healthz(_request):
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    async with serving(app) as address:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={**os.environ, "HTTP_PORT": address.rpartition(":")[2]},
        )
        async with asyncio.timeout(30):
            assert await process.wait() == code


# --- make --------------------------------------------------------------------


def test_the_ci_script_can_be_run():
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "make check test" in script.read_text()


# --- tests -------------------------------------------------------------------


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("api.ideogram.ai", 443)])
def test_no_test_reaches_the_network(address):
    """No test can spend money, whatever a mistake in it asks for."""
    with pytest.raises(RuntimeError, match="only loopback"):
        socket.create_connection(address, timeout=1)
