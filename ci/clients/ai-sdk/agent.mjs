// An agent on the AI SDK: it connects, signs in when it has to, and lets its model call the tools.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { auth, createMCPClient, UnauthorizedError } from '@ai-sdk/mcp';
import { generateText, stepCountIs } from 'ai';
import { main, SignIn, StateFile, withSignIn } from '../lib/native-app.mjs';

const IDENTITY = { name: 'mcp-authspec-ai-sdk', version: '1.0.0' };

class Provider {
  constructor(stateFile, signIn, redirectUrl) {
    this.stateFile = stateFile;
    this.signIn = signIn;
    this.redirectUrl = redirectUrl;
  }

  get clientMetadata() {
    return {
      client_name: 'mcp-authspec adapter, AI SDK',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  clientInformation() {
    return this.stateFile.get('client');
  }

  saveClientInformation(information) {
    this.stateFile.set('client', information);
  }

  isClientInformationDynamicallyRegistered() {
    return this.stateFile.get('client') !== undefined;
  }

  authorizationServerInformation() {
    return this.stateFile.get('server');
  }

  saveAuthorizationServerInformation(information) {
    this.stateFile.set('server', information);
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

  saveState(state) {
    this.currentState = state;
  }

  storedState() {
    return this.currentState;
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

async function run(serverUrl) {
  const stateFile = new StateFile(IDENTITY.name, serverUrl);
  const signIn = new SignIn(stateFile);
  let client;
  try {
    const { redirectUrl, samePort } = await signIn.listen();
    if (!samePort) stateFile.set('client', undefined);
    const provider = new Provider(stateFile, signIn, redirectUrl);
    const authorized = (operation) =>
      withSignIn(
        operation,
        (error) => error instanceof UnauthorizedError,
        () =>
          signIn.finish(async (parameters) => {
            const code = parameters.get('code');
            const error = parameters.get('error') ?? 'no code';
            if (!code) throw new Error(`the authorization server returned ${error}`);
            await auth(provider, {
              serverUrl,
              authorizationCode: code,
              callbackState: parameters.get('state') ?? undefined,
              callbackIssuer: parameters.get('iss') ?? undefined,
            });
          }),
      );
    const tools = await authorized(async () => {
      client = await createMCPClient({
        clientName: IDENTITY.name,
        transport: { type: 'http', url: serverUrl, authProvider: provider },
      });
      return client.tools();
    });
    const model = createOpenAICompatible({
      name: 'mock',
      baseURL: process.env.MODEL_URL,
      apiKey: process.env.MODEL_KEY,
    })('mock');
    const { text } = await generateText({
      model,
      tools,
      prompt: 'call test-tool',
      stopWhen: stepCountIs(20),
      maxRetries: 0,
    });
    console.log(text);
  } finally {
    signIn.close();
    await client?.close().catch(() => {});
  }
}

await main(run, IDENTITY);
