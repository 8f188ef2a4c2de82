"""A native application on the MCP Python SDK 2.x: it connects, lists the tools and calls some.

See ../README.md.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata
from mcp_types import Implementation
from pydantic import AnyUrl

sys.path.insert(0, str(Path(__file__).parent.parent / "lib"))
from native_app import SignIn, StateFile  # noqa: E402

IDENTITY = Implementation(name="mcp-authspec-python", version="1.0.0")
CLIENT_METADATA_URL = "https://conformance-test.local/client-metadata.json"
FIRST_STATELESS_VERSION = "2026-07-28"


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


class SdkSignIn(SignIn):
    """The sign-in as handlers for the SDK."""

    async def wait_for_callback(self) -> AuthorizationCodeResult:
        parameters = await self.wait_for_parameters()
        # An error response has no code. The SDK compares state and iss before it reports the error.
        return AuthorizationCodeResult(
            code=parameters.get("code", ""),
            state=parameters.get("state"),
            iss=parameters.get("iss"),
        )


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
    state_file = StateFile(IDENTITY.name, server_url, given)
    sign_in = SdkSignIn(state_file)
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
