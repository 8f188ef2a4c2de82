// A native application on the MCP TypeScript SDK v1: connect, list tools, call tools. See ../README.md.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { each, Keep, main, SignIn, withSignIn } from '../lib/native-app.mjs';

const SELF = { name: 'mcp-authspec-typescript-v1', version: '1.0.0' };
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';

class Provider {
  constructor(keep, signIn, redirectUrl, credentials) {
    this.keep = keep;
    this.signIn = signIn;
    this.redirectUrl = redirectUrl;
    this.credentials = credentials;
    // The SDK reads the presence of this method as "may register (again)", so given credentials have none.
    if (!credentials) this.saveClientInformation = (information) => keep.set('client', information);
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
    return this.credentials ?? this.keep.get('client');
  }

  tokens() {
    return this.keep.get('tokens');
  }

  saveTokens(tokens) {
    this.keep.set('tokens', tokens);
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
    if (scope === 'all' || scope === 'client') this.keep.set('client', undefined);
    if (scope === 'all' || scope === 'tokens') this.keep.set('tokens', undefined);
  }
}

async function run(serverUrl, job) {
  const keep = new Keep(SELF.name, serverUrl);
  const signIn = new SignIn(keep);
  const client = new Client(SELF);
  let transport;
  try {
    const { redirectUrl, samePort } = await signIn.listen();
    if (!samePort) keep.set('client', undefined);
    const provider = new Provider(keep, signIn, redirectUrl, job.credentials);
    if (job.verbose) client.onerror = (error) => console.error(`[sdk] ${error?.message}`);

    const authorized = (operation) =>
      withSignIn(
        operation,
        (error) => error instanceof UnauthorizedError,
        () =>
          signIn.finish(async (parameters) => {
            const code = parameters.get('code');
            if (!code) throw new Error(`the authorization server returned ${parameters.get('error') ?? 'no code'}`);
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

await main(run, SELF);
