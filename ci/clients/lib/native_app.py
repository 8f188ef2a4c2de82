"""What a native desktop application has around an MCP SDK for Python.

A browser, a loopback callback listener and a file for credentials. It works with versions 1 and 2
of the SDK.
"""

import asyncio
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

CALLBACK_WAIT_SECONDS = 10


class StateFile:
    """State for one server, as JSON in the user's state folder, readable only for the user.

    Without a home folder it is kept in memory. It is also the SDK's `TokenStorage`.
    """

    def __init__(
        self,
        application: str,
        server_url: str,
        given: OAuthClientInformationFull | None = None,
    ) -> None:
        self._data: dict[str, Any] = {}
        self._given = given
        self._file: Path | None = None
        home = os.environ.get("HOME")
        base = os.environ.get("XDG_STATE_HOME") or (home and f"{home}/.local/state")
        if not base:
            return
        folder = Path(base) / application
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return
        self._file = folder / f"{hashlib.sha256(server_url.encode()).hexdigest()[:32]}.json"
        try:
            self._data = json.loads(self._file.read_text())
        except (OSError, ValueError):
            self._data = {}

    def get(self, name: str) -> Any:
        return self._data.get(name)

    def set(self, name: str, value: Any) -> None:
        self._data[name] = value
        if self._file is None:
            return
        fresh = self._file.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(self._data, out)
        fresh.replace(self._file)

    async def get_tokens(self) -> OAuthToken | None:
        stored = self.get("tokens")
        return OAuthToken.model_validate(stored) if stored else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.set("tokens", tokens.model_dump(mode="json", exclude_none=True))

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        if self._given is not None:
            return self._given
        stored = self.get("client")
        return OAuthClientInformationFull.model_validate(stored) if stored else None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._given = None
        self.set("client", client_info.model_dump(mode="json", exclude_none=True))


class SignIn:
    """The browser and the loopback callback listener, as handlers for the SDK."""

    def __init__(self, state_file: StateFile) -> None:
        self._state_file = state_file
        self._server: asyncio.Server | None = None
        self._answer: asyncio.Future[dict[str, list[str]]] | None = None

    async def listen(self) -> str:
        """Listens, if possible on the port of the last run: its redirect URI is registered."""
        last = self._state_file.get("port") or 0
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", last)
        except OSError:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        if port != last:
            self._state_file.set("client", None)
            self._state_file.set("port", port)
        return f"http://127.0.0.1:{port}/callback"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            method, _, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
            target = urlsplit(rest.rpartition(" ")[0])
            waiting = self._answer is not None and not self._answer.done()
            expected = waiting and method == "GET" and target.path == "/callback"
            if expected:
                status, body = "200 OK", "You can close this window.\n"
            else:
                status, body = "404 Not Found", "Nothing here.\n"
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode()
            )
            await writer.drain()
            if expected and self._answer is not None and not self._answer.done():
                self._answer.set_result(parse_qs(target.query, keep_blank_values=True))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    async def open_browser(self, url: str) -> None:
        if urlsplit(url).scheme not in ("https", "http"):
            raise ValueError("cannot open a URL that is neither http nor https")
        self._answer = asyncio.get_running_loop().create_future()
        subprocess.Popen(
            [os.environ.get("BROWSER") or "xdg-open", url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def wait_for_parameters(self) -> dict[str, str]:
        """The parameters of the authorization response."""
        assert self._answer is not None
        try:
            query = await asyncio.wait_for(self._answer, CALLBACK_WAIT_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"no callback within {CALLBACK_WAIT_SECONDS} s") from None
        finally:
            self._answer = None
        return {name: values[0] for name, values in query.items()}

    async def wait_for_code_and_state(self) -> tuple[str, str | None]:
        """The same, as version 1 of the SDK wants it."""
        parameters = await self.wait_for_parameters()
        return parameters.get("code", ""), parameters.get("state")

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
