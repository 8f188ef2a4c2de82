"""A native application on the MCP Python SDK 2.x: it connects, lists the tools and calls some.

See ../README.md.
"""

import asyncio
import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp_types import Implementation
from pydantic import AnyUrl

IDENTITY = Implementation(name="mcp-authspec-python", version="1.0.0")
CLIENT_METADATA_URL = "https://conformance-test.local/client-metadata.json"
FIRST_STATELESS_VERSION = "2026-07-28"
CALLBACK_WAIT_SECONDS = 10


class Job:
    """What the suite asks for. Unknown members are ignored."""

    def __init__(self, url: str) -> None:
        context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
        extra = context.get("authspec") or {}
        self.servers: list[str] = list(dict.fromkeys([url, *(extra.get("servers") or [])]))
        self.tools: list[str] = extra.get("call") or ["test-tool"]
        self.at_once: bool = extra.get("at_once") is True
        self.verbose: bool = extra.get("verbose") is True
        self.version: str = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION") or ""
        self.client_id: str | None = context.get("client_id")
        self.client_secret: str | None = context.get("client_secret")
        self.issuer: str | None = extra.get("credentials_issuer")


class StateFile:
    """State for one server, as JSON in the user's state folder, readable only for the user.

    Without a home folder it is kept in memory. It is also the SDK's `TokenStorage`.
    """

    def __init__(self, server_url: str, given: OAuthClientInformationFull | None) -> None:
        self._data: dict[str, Any] = {}
        self._given = given
        self._file: Path | None = None
        home = os.environ.get("HOME")
        base = os.environ.get("XDG_STATE_HOME") or (home and f"{home}/.local/state")
        if not base:
            return
        folder = Path(base) / IDENTITY.name
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

    async def wait_for_callback(self) -> AuthorizationCodeResult:
        assert self._answer is not None
        try:
            query = await asyncio.wait_for(self._answer, CALLBACK_WAIT_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"no callback within {CALLBACK_WAIT_SECONDS} s") from None
        finally:
            self._answer = None
        # An error response has no code. The SDK compares state and iss before it reports the error.
        return AuthorizationCodeResult(
            code=query.get("code", [""])[0],
            state=query.get("state", [None])[0],
            iss=query.get("iss", [None])[0],
        )

    def close(self) -> None:
        if self._server is not None:
            self._server.close()


async def each(items: Iterable[str], at_once: bool, work: Callable[[str], Awaitable[None]]) -> None:
    """Does the work for each item, in order or all at once.

    A failure does not stop the other items; the first failure is raised after all have ended.
    """
    if at_once:
        outcomes = await asyncio.gather(*(work(item) for item in items), return_exceptions=True)
    else:
        outcomes = []
        for item in items:
            outcomes += await asyncio.gather(work(item), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def run(server_url: str, job: Job) -> None:
    given = (
        OAuthClientInformationFull(
            client_id=job.client_id,
            client_secret=job.client_secret,
            # The SDK does not send a secret unless a method is named.
            token_endpoint_auth_method="client_secret_basic" if job.client_secret else "none",
            issuer=job.issuer,
        )
        if job.client_id
        else None
    )
    state_file = StateFile(server_url, given)
    sign_in = SignIn(state_file)
    try:
        redirect_url = await sign_in.listen()
        provider = OAuthClientProvider(
            server_url=server_url,
            client_metadata=OAuthClientMetadata(
                client_name="mcp-authspec adapter, Python SDK",
                redirect_uris=[AnyUrl(redirect_url)],
            ),
            storage=state_file,
            redirect_handler=sign_in.open_browser,
            callback_handler=sign_in.wait_for_callback,
            client_metadata_url=CLIENT_METADATA_URL,
        )
        mode = "legacy" if job.version and job.version < FIRST_STATELESS_VERSION else "auto"
        async with httpx2.AsyncClient(auth=provider, follow_redirects=True) as http:
            transport = streamable_http_client(server_url, http_client=http)
            async with Client(transport, mode=mode, client_info=IDENTITY) as client:
                await client.list_tools()

                async def call(name: str) -> None:
                    result = await client.call_tool(name, {})
                    if result.is_error:
                        raise RuntimeError(f"tool {name} failed")

                await each(job.tools, job.at_once, call)
    finally:
        sign_in.close()


def first_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def attempt(url: str) -> str | None:
    """Runs one job. Returns the failure in one line."""
    try:
        job = Job(url)
        configure_logging(job.verbose)
        asyncio.run(each(job.servers, job.at_once, lambda server: run(server, job)))
    except Exception as error:
        cause = first_cause(error)
        return " ".join(f"{type(cause).__name__}: {cause}".split())[:500]
    return None


def configure_logging(verbose: bool) -> None:
    # Without a handler, Python would print warnings of the SDK on stderr.
    handler = logging.StreamHandler() if verbose else logging.NullHandler()
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(level=level, handlers=[handler], force=True)


def serve() -> int:
    """Persistent mode (../PERSISTENT.md): reads a line of JSON for each job, and writes one."""

    def write_line(line: dict[str, Any]) -> None:
        print(json.dumps(line), flush=True)

    capabilities = ["speaks-2025-03-26", "verbose"]
    identity = {"name": IDENTITY.name, "version": IDENTITY.version}
    write_line({"protocol": 1, **identity, "capabilities": capabilities})
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request["environment"])
        os.environ["MCP_CONFORMANCE_PROTOCOL_VERSION"] = request["protocol_version"]
        os.environ["MCP_CONFORMANCE_CONTEXT"] = json.dumps(request["context"])
        failure = attempt(request["url"])
        if failure is None:
            write_line({"id": request["id"], "outcome": "success"})
        else:
            write_line({"id": request["id"], "outcome": "failure", "message": failure})
    return 0


def main() -> int:
    if os.environ.get("MCP_AUTHSPEC_PERSISTENT"):
        return serve()
    if len(sys.argv) < 2:
        failure: str | None = "usage: client.py SERVER_URL"
    else:
        failure = attempt(sys.argv[-1])
    if failure is not None:
        print(failure, file=sys.stderr)
    return 0 if failure is None else 1


if __name__ == "__main__":
    sys.exit(main())
