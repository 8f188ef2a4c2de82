// What a native desktop application has around an MCP SDK: a browser, a loopback callback listener
// and a file for credentials. Both TypeScript adapters use it; it does not depend on an SDK.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const CALLBACK_WAIT_MS = 10_000;
const MAX_AUTHORIZATIONS_PER_OPERATION = 3;

/** Reads what the suite asks for: server URLs, tools, credentials. Unknown members are ignored. */
export function readJob(argv = process.argv, env = process.env) {
  const url = argv.length > 2 ? argv[argv.length - 1] : undefined;
  if (!url) throw new Error('usage: client.mjs SERVER_URL');
  const context = env.MCP_CONFORMANCE_CONTEXT ? JSON.parse(env.MCP_CONFORMANCE_CONTEXT) : {};
  const extra = context.authspec ?? {};
  return {
    servers: [...new Set([url, ...(extra.servers ?? [])])],
    tools: extra.call ?? ['test-tool'],
    atOnce: extra.at_once === true,
    verbose: extra.verbose === true,
    protocolVersion: env.MCP_CONFORMANCE_PROTOCOL_VERSION || undefined,
    credentials: context.client_id
      ? {
          client_id: context.client_id,
          ...(context.client_secret && { client_secret: context.client_secret }),
          ...(extra.credentials_issuer && { issuer: extra.credentials_issuer }),
        }
      : undefined,
  };
}

/**
 * State for one server, as JSON in the user's state folder, readable only for the user. Without a
 * home folder it is kept in memory.
 */
export class StateFile {
  #file;
  #data = {};

  constructor(application, serverUrl, env = process.env) {
    const base = env.XDG_STATE_HOME || (env.HOME && join(env.HOME, '.local', 'state'));
    if (!base) return;
    const folder = join(base, application);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      return;
    }
    const name = createHash('sha256').update(serverUrl).digest('hex').slice(0, 32);
    this.#file = join(folder, `${name}.json`);
    try {
      this.#data = JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      this.#data = {};
    }
  }

  get(name) {
    return this.#data[name];
  }

  set(name, value) {
    if (value === undefined) delete this.#data[name];
    else this.#data[name] = value;
    if (!this.#file) return;
    const fresh = `${this.#file}.${process.pid}`;
    try {
      writeFileSync(fresh, JSON.stringify(this.#data), { mode: 0o600 });
      chmodSync(fresh, 0o600);
      renameSync(fresh, this.#file);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  }
}

function openBrowser(url, onError) {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new Error('cannot open a URL that is neither http nor https');
  }
  const program = process.env.BROWSER || 'xdg-open';
  const browser = spawn(program, [url.href], { stdio: 'ignore', detached: true });
  browser.on('error', onError);
  browser.unref();
}

/**
 * The interactive sign-in for one MCP server. Only one is open at a time. Further requests join it
 * and share its browser window, callback and code verifier.
 */
export class SignIn {
  #server;
  #stateFile;
  #verifiers = new Map();
  #open;
  #finishing;

  constructor(stateFile) {
    this.#stateFile = stateFile;
  }

  /**
   * Listens on 127.0.0.1, if possible on the port of the last run, because its redirect URI is
   * registered.
   */
  async listen() {
    const server = createServer((request, response) => {
      const url = new URL(request.url, 'http://127.0.0.1');
      const isCallback = request.method === 'GET' && url.pathname === '/callback';
      const expected = isCallback && this.#open !== undefined;
      const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
      response.writeHead(expected ? 200 : 404, headers);
      response.end(expected ? 'You can close this window.\n' : 'Nothing here.\n');
      if (expected) this.#open.resolve(url.searchParams);
    });
    const bind = (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', reject);
          resolve();
        });
      });
    const last = this.#stateFile.get('port');
    await bind(last ?? 0).catch(async (error) => {
      if (last === undefined) throw error;
      await bind(0);
    });
    this.#server = server;
    const port = server.address().port;
    const samePort = last === port;
    if (!samePort) this.#stateFile.set('port', port);
    return { redirectUrl: `http://127.0.0.1:${port}/callback`, samePort };
  }

  newState() {
    return randomBytes(32).toString('base64url');
  }

  saveVerifier(verifier) {
    this.#verifiers.set(createHash('sha256').update(verifier).digest('base64url'), verifier);
  }

  verifier() {
    if (!this.#open?.verifier) throw new Error('no sign-in is open');
    return this.#open.verifier;
  }

  /** Opens the authorization URL in the browser, unless a sign-in is open already. */
  start(url) {
    if (this.#open) return;
    const open = {
      state: url.searchParams.get('state'),
      verifier: this.#verifiers.get(url.searchParams.get('code_challenge')),
    };
    open.answer = new Promise((resolve, reject) => {
      open.resolve = resolve;
      open.reject = reject;
    });
    open.answer.catch(() => {});
    const giveUp = () => open.reject(new Error('no callback within 10 s'));
    open.timer = setTimeout(giveUp, CALLBACK_WAIT_MS);
    this.#open = open;
    openBrowser(url, (error) => {
      open.reject(new Error(`cannot open the browser: ${error.message}`));
    });
  }

  /** Waits for the callback, compares `state`, and lets `redeem` hand the parameters to the SDK. */
  finish(redeem) {
    const open = this.#open;
    if (!open) return undefined;
    this.#finishing ??= (async () => {
      try {
        const parameters = await open.answer;
        if (parameters.get('state') !== open.state) {
          throw new Error('the state in the callback does not match');
        }
        await redeem(parameters);
      } finally {
        clearTimeout(open.timer);
        this.#verifiers.clear();
        this.#open = undefined;
        this.#finishing = undefined;
      }
    })();
    return this.#finishing;
  }

  close() {
    if (this.#open) clearTimeout(this.#open.timer);
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

/** Runs `operation`. Each time it needs the user, runs `signIn` and tries again, up to three times. */
export async function withSignIn(operation, needsUser, signIn) {
  for (let authorizations = 0; ; authorizations++) {
    try {
      return await operation();
    } catch (error) {
      if (!needsUser(error) || authorizations === MAX_AUTHORIZATIONS_PER_OPERATION) throw error;
      const done = signIn();
      if (done === undefined) throw error;
      await done;
    }
  }
}

/**
 * Does the work for each item, in order or all at once. A failure does not stop the other items;
 * the first failure is thrown after all have ended.
 */
export async function each(items, atOnce, work) {
  const outcomes = [];
  if (atOnce) {
    outcomes.push(...(await Promise.allSettled(items.map(work))));
  } else {
    for (const item of items) outcomes.push(...(await Promise.allSettled([work(item)])));
  }
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Runs the job, or one job after the other if MCP_AUTHSPEC_PERSISTENT is set. The exit code is 0
 * or 1; a failure is one line on stderr.
 */
export async function main(run, self) {
  if (process.env.MCP_AUTHSPEC_PERSISTENT) return serve(run, self);
  const failure = await attempt(run, () => readJob());
  if (failure !== undefined) {
    process.stderr.write(`${failure}\n`);
    process.exitCode = 1;
  }
}

/** Runs one job. Returns the failure in one line. */
async function attempt(run, read) {
  try {
    const job = read();
    await each(job.servers, job.atOnce, (server) => run(server, job));
    return undefined;
  } catch (error) {
    return oneLine(error);
  }
}

function oneLine(error) {
  const text = [error?.message || error, error?.cause?.message].filter(Boolean).join(': ');
  // The text may come from a server, so control characters must not reach a terminal.
  return text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 500);
}

/** Persistent mode (../PERSISTENT.md): reads a line of JSON for each job, and writes one. */
async function serve(run, self) {
  // In a process of its own, an unhandled rejection would end the run with exit code 1.
  let unhandled;
  process.on('unhandledRejection', (error) => (unhandled ??= oneLine(error)));
  const writeLine = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  writeLine({ protocol: 1, ...self, capabilities: ['speaks-2025-03-26', 'verbose'] });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const env = {
      ...request.environment,
      MCP_CONFORMANCE_PROTOCOL_VERSION: request.protocol_version,
      MCP_CONFORMANCE_CONTEXT: JSON.stringify(request.context),
    };
    Object.assign(process.env, env);
    unhandled = undefined;
    const failure = (await attempt(run, () => readJob(['', '', request.url], env))) ?? unhandled;
    const outcome = failure === undefined ? 'success' : 'failure';
    writeLine({ id: request.id, outcome, message: failure });
  }
}
