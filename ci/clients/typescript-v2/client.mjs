// A native application on the MCP TypeScript SDK v2: it connects, lists the tools and calls some.
// See ../README.md.
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { each, StateFile, main, SignIn, withSignIn } from '../lib/native-app.mjs';

const IDENTITY = { name: 'mcp-authspec-typescript-v2', version: '1.0.0' };
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
const FIRST_STATELESS_VERSION = '2026-07-28';
const PROBE_WAIT_MS = 10_000;

class Provider {
  #discovery;

  constructor(stateFile, signIn, redirectUrl, credentials) {
    this.stateFile = stateFile;
    this.signIn = signIn;
    this.redirectUrl = redirectUrl;
    this.credentials = credentials;
    // The SDK registers if this method exists, so it is absent if credentials are given.
    if (!credentials) {
      this.saveClientInformation = (information, context) => {
        if (!context) return;
        const clients = stateFile.get('clients');
        stateFile.set('clients', { ...clients, [context.issuer]: information });
      };
    }
  }

  clientMetadataUrl = CLIENT_METADATA_URL;

  get clientMetadata() {
    return {
      client_name: 'mcp-authspec adapter, TypeScript SDK v2',
      redirect_uris: [this.redirectUrl],
      application_type: 'native',
    };
  }

  clientInformation(context) {
    if (this.credentials) return this.credentials;
    return context ? this.stateFile.get('clients')?.[context.issuer] : undefined;
  }

  tokens() {
    return this.stateFile.get('tokens');
  }

  saveTokens(tokens) {
    this.stateFile.set('tokens', tokens);
    this.#discovery = undefined;
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

  // Kept until the tokens arrive, so that the code is sent to the server that the user visited. A
  // later 401 starts discovery again.
  saveDiscoveryState(discovery) {
    this.#discovery = discovery;
  }

  discoveryState() {
    return this.#discovery;
  }

  redirectToAuthorization(url) {
    this.signIn.start(url);
  }

  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'client') this.stateFile.set('clients', undefined);
    if (scope === 'all' || scope === 'tokens') this.stateFile.set('tokens', undefined);
    if (scope === 'all' || scope === 'discovery') this.#discovery = undefined;
  }
}

/**
 * Without a version, or with a stateless one, the SDK negotiates. An older version is requested
 * with `initialize`.
 */
function versionOptions(version) {
  if (!version || version >= FIRST_STATELESS_VERSION) {
    return { versionNegotiation: { mode: 'auto', probe: { timeoutMs: PROBE_WAIT_MS } } };
  }
  return { versionNegotiation: { mode: 'legacy' }, supportedProtocolVersions: [version] };
}

async function run(serverUrl, job) {
  const stateFile = new StateFile(IDENTITY.name, serverUrl);
  const signIn = new SignIn(stateFile);
  const client = new Client(IDENTITY, versionOptions(job.protocolVersion));
  let transport;
  try {
    const { redirectUrl, samePort } = await signIn.listen();
    if (!samePort) stateFile.set('clients', undefined);
    const provider = new Provider(stateFile, signIn, redirectUrl, job.credentials);
    if (job.verbose) client.onerror = (error) => console.error(`[sdk] ${error?.message}`);

    const authorized = (operation) =>
      withSignIn(
        operation,
        (error) => error instanceof UnauthorizedError,
        () =>
          signIn.finish(async (parameters) => {
            try {
              await transport.finishAuth(parameters);
            } finally {
              provider.invalidateCredentials('discovery');
            }
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
