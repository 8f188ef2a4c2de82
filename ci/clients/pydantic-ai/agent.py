"""An agent on pydantic-ai. FastMCP, which it uses for MCP, signs in."""

import os
import sys

from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = OpenAIProvider(base_url=os.environ["MODEL_URL"], api_key=os.environ["MODEL_KEY"])
server = MCPToolset(sys.argv[1], auth="oauth")
agent = Agent(OpenAIChatModel("mock", provider=provider), toolsets=[server])
print(agent.run_sync("call test-tool").output)
