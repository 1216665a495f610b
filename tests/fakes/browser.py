"""Chromium without a window, driven over its DevTools protocol.

    async with open_browser(tmp_path / "profile") as browser:
        page = await browser.open("http://127.0.0.1:8080")
        await page.type("#text", "/imagine a fox")
        await page.press("Enter")
        await page.wait_for(".post img")

Waiting is for a condition in the page, never for a time. Protocol:
https://chromedevtools.github.io/devtools-protocol/
"""

import asyncio
import base64
import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"
)

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)
_KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "Tab": (9, "")}
_KEYS |= {"ArrowDown": (40, ""), "ArrowUp": (38, "")}
_PATIENCE_S = 30
_LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")


class Browser:
    """The connection to the browser; calls of all pages go over it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._pages: dict[str, Page] = {}

    async def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Call a method of the protocol; give its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        await self._socket.send_str(json.dumps(message))
        async with asyncio.timeout(_PATIENCE_S):
            return await answer

    async def open(
        self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False
    ) -> "Page":
        """Open *url* as a person of its own (no cookies shared with other pages)."""
        context = await self.call("Target.createBrowserContext")
        target = await self.call(
            "Target.createTarget",
            url="about:blank",
            browserContextId=context["browserContextId"],
        )
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        page = Page(self, attached["sessionId"])
        self._pages[attached["sessionId"]] = page
        await page.prepare(width=width, height=height, dark=dark)
        await page.go_to(url)
        return page

    async def listen(self) -> None:
        """Hand answers to those who wait, and complaints to their page."""
        async for message in self._socket:
            said = json.loads(message.data)
            waiting = self._waiting.pop(said.get("id"), None)
            if waiting is None:
                page = self._pages.get(said.get("sessionId"))
                if page:
                    page.hear(said["method"], said["params"])
            elif "error" in said:
                waiting.set_exception(RuntimeError(said["error"]["message"]))
            else:
                waiting.set_result(said["result"])


class Page:
    """One tab. `complaints` are errors of scripts, of loading and of the CSP."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.complaints: list[str] = []

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method of the protocol for this tab."""
        return await self._browser.call(method, self._session, **params)

    async def prepare(self, *, width: int, height: int, dark: bool) -> None:
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.look(width=width, height=height, dark=dark)

    async def look(self, *, width: int, height: int, dark: bool) -> None:
        """Change the window's size and the preferred colours."""
        scheme = "dark" if dark else "light"
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    async def go_to(self, url: str) -> None:
        """Load *url*, and wait for its document."""
        answer = await self.call("Page.navigate", url=url)
        assert "errorText" not in answer, f"{url}: {answer['errorText']}"
        await self.wait_until("document.readyState === 'complete'")

    async def run(self, script: str) -> Any:
        """Give the value of a JavaScript expression; promises are awaited."""
        answer = await self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        fault = answer.get("exceptionDetails")
        assert not fault, f"{script}: {fault}"
        return answer["result"].get("value")

    async def wait_until(self, condition: str) -> Any:
        """Wait until a JavaScript expression is true; give its value."""
        poll = (
            "new Promise((done) => { const look = () => { let value;"
            f" try {{ value = ({condition}); }} catch {{ value = false; }}"
            " if (value) done(value); else setTimeout(look, 30); }; look(); })"
        )
        try:
            return await self.run(poll)
        except TimeoutError as error:
            seen = await self.run("document.body.innerText")
            raise AssertionError(f"never true: {condition}\n{seen}") from error

    async def wait_for(self, selector: str, *, count: int = 1) -> None:
        """Wait until at least *count* elements match and are shown."""
        quoted = json.dumps(selector)
        await self.wait_until(
            f"[...document.querySelectorAll({quoted})]"
            f".filter((e) => e.checkVisibility()).length >= {count}"
        )

    async def wait_for_picture(self, selector: str) -> None:
        """Wait until the image has arrived and could be decoded."""
        found = f"document.querySelector({json.dumps(selector)})"
        await self.wait_until(f"{found}.complete && {found}.naturalWidth > 0")

    async def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until an element that matches holds *text*."""
        await self.wait_until(
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".some((e) => e.textContent.includes({json.dumps(text)}))"
        )

    async def texts(self, selector: str) -> list[str]:
        """Give the text of every element that matches."""
        quoted = json.dumps(selector)
        return await self.run(
            f"[...document.querySelectorAll({quoted})].map((e) => e.textContent.trim())"
        )

    async def click(self, selector: str) -> None:
        """Press the last shown element that matches: the newest of the channel."""
        await self.wait_for(selector)
        await self.run(
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            ".filter((e) => e.checkVisibility()).at(-1).click()"
        )

    async def type(self, selector: str, text: str) -> None:
        """Put the caret into a field and type."""
        await self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.call("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press a key: Enter, Escape, Tab, ArrowUp, ArrowDown."""
        code, text = _KEYS[key]
        same = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **same)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **same)

    async def screenshot(self) -> bytes:
        """Give what is seen, as a PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    def hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            thrown = details.get("exception", {}).get("description", details["text"])
            self.complaints.append(thrown)
        if method == "Log.entryAdded" and params["entry"]["level"] == "error":
            entry = params["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")


@asynccontextmanager
async def open_browser(profile: Path) -> AsyncIterator[Browser]:
    """Start Chromium with the new, empty folder *profile*, and end it."""
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *_OPTIONS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    failure: Exception | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            address = await _address(process)
            draining = tasks.create_task(_drain(process))
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(address, max_msg_size=0) as socket,
            ):
                browser = Browser(socket)
                listening = tasks.create_task(browser.listen())
                try:
                    yield browser
                except Exception as error:  # noqa: BLE001 - raised again below
                    failure = error  # not here: it would arrive in a group of one
                finally:
                    listening.cancel()
            process.terminate()
            await draining
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    if failure:
        raise failure


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async with asyncio.timeout(_PATIENCE_S):
        while line := await process.stderr.readline():
            found = _LISTENING.search(line)
            if found:
                return found[1].decode()
    raise AssertionError("Chromium ended before it could be driven.")


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Read on, so that a full pipe never holds the browser up."""
    assert process.stderr
    while await process.stderr.read(65536):
        pass
