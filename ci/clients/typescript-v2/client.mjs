// A native application on the MCP TypeScript SDK v2: connect, list tools, call tools. See ../README.md.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { each, Keep, main, SignIn, withSignIn } from '../lib/native-app.mjs';

const SELF = { name: 'mcp-authspec-typescript-v2', version: '1.0.0' };
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
const FIRST_STATELESS_VERSION = '2026-07-28';
const PROBE_WAIT_MS = 10_000;

class Provider {
  #discovery;

  constructor(keep, signIn, redirectUrl, credentials) {
    this.keep = keep;
    this.signIn = signIn;
    this.redirectUrl = redirectUrl;
    this.credentials = credentials;
    // The SDK reads the presence of this method as "may register (again)", so given credentials have none.
    if (!credentials) {
      this.saveClientInformation = (information, context) => {
        if (context) keep.set('clients', { ...keep.get('clients'), [context.issuer]: information });
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
    return context ? this.keep.get('clients')?.[context.issuer] : undefined;
  }

  tokens() {
    return this.keep.get('tokens');
  }

  saveTokens(tokens) {
    this.keep.set('tokens', tokens);
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

  // Kept from discovery to the tokens: the code goes where the user was sent, and a later 401 discovers again.
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
    if (scope === 'all' || scope === 'client') this.keep.set('clients', undefined);
    if (scope === 'all' || scope === 'tokens') this.keep.set('tokens', undefined);
    if (scope === 'all' || scope === 'discovery') this.#discovery = undefined;
  }
}

/** No version given, or a stateless one: let the SDK find out; an older one: the handshake, at that version. */
function versionOptions(version) {
  if (!version || version >= FIRST_STATELESS_VERSION) {
    return { versionNegotiation: { mode: 'auto', probe: { timeoutMs: PROBE_WAIT_MS } } };
  }
  return { versionNegotiation: { mode: 'legacy' }, supportedProtocolVersions: [version] };
}

async function run(serverUrl, job) {
  const keep = new Keep(SELF.name, serverUrl);
  const signIn = new SignIn(keep);
  const client = new Client(SELF, versionOptions(job.protocolVersion));
  let transport;
  try {
    const { redirectUrl, samePort } = await signIn.listen();
    if (!samePort) keep.set('clients', undefined);
    const provider = new Provider(keep, signIn, redirectUrl, job.credentials);
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

await main(run, SELF);
