"""An agent on the OpenAI Agents SDK. The MCP Python SDK, which it uses for MCP, signs in."""

import asyncio
import os
import sys
from pathlib import Path

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata
from openai import AsyncOpenAI
from pydantic import AnyUrl

sys.path.insert(0, str(Path(__file__).parent.parent / "lib"))
from native_app import SignIn, StateFile  # noqa: E402


class SdkSignIn(SignIn):
    """The sign-in as handlers for the MCP SDK."""

    async def wait_for_callback(self) -> AuthorizationCodeResult:
        parameters = await self.wait_for_parameters()
        return AuthorizationCodeResult(
            code=parameters.get("code", ""),
            state=parameters.get("state"),
            iss=parameters.get("iss"),
        )


async def main(url: str) -> None:
    set_tracing_disabled(True)
    state_file = StateFile("mcp-authspec-openai-agents", url)
    sign_in = SdkSignIn(state_file)
    redirect_url = await sign_in.listen()
    auth = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="mcp-authspec adapter, OpenAI Agents SDK",
            redirect_uris=[AnyUrl(redirect_url)],
        ),
        storage=state_file,
        redirect_handler=sign_in.open_browser,
        callback_handler=sign_in.wait_for_callback,
    )
    provider = AsyncOpenAI(base_url=os.environ["MODEL_URL"], api_key=os.environ["MODEL_KEY"])
    try:
        # `timeout` is that of a request, within which the user signs in
        async with MCPServerStreamableHttp(
            params={"url": url, "auth": auth, "timeout": 20},
            client_session_timeout_seconds=20,
        ) as server:
            agent = Agent(
                name="agent",
                model=OpenAIChatCompletionsModel(model="mock", openai_client=provider),
                mcp_servers=[server],
            )
            result = await Runner.run(agent, "call test-tool")
            print(result.final_output)
    finally:
        sign_in.close()


asyncio.run(main(sys.argv[1]))
