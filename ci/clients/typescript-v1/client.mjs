// A native application on the MCP TypeScript SDK v1: it connects, lists the tools and calls some.
// See ../README.md.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { each, StateFile, main, SignIn, withSignIn } from '../lib/native-app.mjs';

const IDENTITY = { name: 'mcp-authspec-typescript-v1', version: '1.0.0' };
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';

class Provider {
  constructor(stateFile, signIn, redirectUrl, credentials) {
    this.stateFile = stateFile;
    this.signIn = signIn;
    this.redirectUrl = redirectUrl;
    this.credentials = credentials;
    // The SDK registers if this method exists, so it is absent if credentials are given.
    if (!credentials) {
      this.saveClientInformation = (information) => stateFile.set('client', information);
    }
  }

  clientMetadataUrl = CLIENT_METADATA_URL;

  get clientMetadata() {
    return {
      client_name: 'mcp-authspec adapter, TypeScript SDK v1',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    };
  }

  clientInformation() {
    return this.credentials ?? this.stateFile.get('client');
  }

  tokens() {
    return this.stateFile.get('tokens');
  }

  saveTokens(tokens) {
    this.stateFile.set('tokens', tokens);
  }

  state() {
    return this.signIn.newState();
  }

  saveCodeVerifier(verifier) {
    this.signIn.saveVerifier(verifier);
  }

  codeVerifier() {
    return this.signIn.verifier();
  }

  redirectToAuthorization(url) {
    this.signIn.start(url);
  }

  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'client') this.stateFile.set('client', undefined);
    if (scope === 'all' || scope === 'tokens') this.stateFile.set('tokens', undefined);
  }
}

async function run(serverUrl, job) {
  const stateFile = new StateFile(IDENTITY.name, serverUrl);
  const signIn = new SignIn(stateFile);
  const client = new Client(IDENTITY);
  let transport;
  try {
    const { redirectUrl, samePort } = await signIn.listen();
    if (!samePort) stateFile.set('client', undefined);
    const provider = new Provider(stateFile, signIn, redirectUrl, job.credentials);
    if (job.verbose) client.onerror = (error) => console.error(`[sdk] ${error?.message}`);

    const authorized = (operation) =>
      withSignIn(
        operation,
        (error) => error instanceof UnauthorizedError,
        () =>
          signIn.finish(async (parameters) => {
            const code = parameters.get('code');
            const error = parameters.get('error') ?? 'no code';
            if (!code) throw new Error(`the authorization server returned ${error}`);
            await transport.finishAuth(code);
          }),
      );

    await authorized(async () => {
      transport = new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider: provider });
      await client.connect(transport);
    });
    await authorized(() => client.listTools());
    await each(job.tools, job.atOnce, async (name) => {
      const result = await authorized(() => client.callTool({ name, arguments: {} }));
      if (result.isError) throw new Error(`tool ${name} failed`);
    });
    await transport.terminateSession();
  } finally {
    signIn.close();
    await client.close().catch(() => {});
  }
}

await main(run, IDENTITY);
