"""An agent on LangChain. The MCP Python SDK, which its adapters use for MCP, signs in."""

import asyncio
import os
import sys
from pathlib import Path

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_openai import ChatOpenAI
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata
from pydantic import AnyUrl

sys.path.insert(0, str(Path(__file__).parent.parent / "lib"))
from native_app import SignIn, StateFile  # noqa: E402


async def main(url: str) -> None:
    state_file = StateFile("mcp-authspec-langchain", url)
    sign_in = SignIn(state_file)
    redirect_url = await sign_in.listen()
    auth = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="mcp-authspec adapter, LangChain",
            redirect_uris=[AnyUrl(redirect_url)],
        ),
        storage=state_file,
        redirect_handler=sign_in.open_browser,
        callback_handler=sign_in.wait_for_code_and_state,
    )
    client = MultiServerMCPClient(
        {"mock": {"transport": "streamable_http", "url": url, "auth": auth}}
    )
    try:
        tools = await client.get_tools()
        model = ChatOpenAI(
            model="mock",
            base_url=os.environ["MODEL_URL"],
            api_key=os.environ["MODEL_KEY"],
        )
        agent = create_agent(model, tools)
        message = {"role": "user", "content": "call test-tool"}
        result = await agent.ainvoke({"messages": [message]})
        print(result["messages"][-1].content)
    finally:
        sign_in.close()


asyncio.run(main(sys.argv[1]))
