// Headless Chromium, controlled through its debugging protocol. Needs Debian's `chromium` (or
// CHROMIUM=path).
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The browser, controlled through a pipe. */
export class Browser {
  constructor() {
    this.profile = mkdtempSync(join(tmpdir(), "html-check-"));
    const options = [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--remote-debugging-pipe",
      `--user-data-dir=${this.profile}`,
      "about:blank",
    ];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    this.process = spawn(process.env.CHROMIUM ?? "chromium", options, { stdio });
    this.process.on("error", (error) => {
      console.error(`cannot start chromium: ${error.message}\n  help: apt-get install chromium`);
      process.exit(2);
    });
    this.ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.number = 0;
    this.waiting = new Map();
    this.listeners = new Set();
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const message of messages.map((m) => JSON.parse(m))) this.receive(message);
    });
  }
  receive(message) {
    if (!message.id) {
      for (const listener of this.listeners) listener(message);
      return;
    }
    const { resolve, reject } = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message)); else resolve(message.result);
  }
  send(method, params = {}, sessionId) {
    const id = ++this.number;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
  async close() {
    await this.send("Browser.close").catch(() => {});
    await this.ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One page. Its console messages and its requests are recorded. */
export class Page {
  static async open(browser) {
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page();
    Object.assign(page, { browser, sessionId, targetId, messages: [], requests: [] });
    page.loaded = () => {};
    browser.listeners.add((message) => {
      if (message.sessionId === sessionId) page.recordEvent(message);
    });
    for (const domain of ["Page", "Runtime", "Network", "Log"]) {
      await page.send(`${domain}.enable`);
    }
    return page;
  }
  send(method, params) { return this.browser.send(method, params, this.sessionId); }
  recordEvent({ method, params }) {
    if (method === "Page.loadEventFired") this.loaded();
    if (method === "Runtime.consoleAPICalled") {
      const words = params.args.map((argument) => argument.value ?? argument.description);
      this.messages.push(`console: ${words.join(" ")}`);
    }
    if (method === "Runtime.exceptionThrown") {
      this.messages.push(`exception: ${describeException(params.exceptionDetails)}`);
    }
    if (method === "Log.entryAdded") this.messages.push(`log: ${params.entry.text}`);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Page.javascriptDialogOpening") {
      this.messages.push(`dialog: ${params.message}`);
      this.send("Page.handleJavaScriptDialog", { accept: true });
    }
  }
  async visit(url) {
    const loaded = new Promise((resolve) => { this.loaded = resolve; });
    await this.send("Page.navigate", { url });
    await loaded;
  }
  async run(expression) {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", parameters);
    if (exceptionDetails) throw new Error(describeException(exceptionDetails));
    return result.value;
  }
  async pressKey(key, code, text) {
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code });
  }
  setSize(width, height) {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    return this.send("Emulation.setDeviceMetricsOverride", metrics);
  }
  emulatePaper() {
    return this.send("Emulation.setEmulatedMedia", { media: "print" });
  }
  setColorScheme(value) {
    const features = [{ name: "prefers-color-scheme", value }];
    return this.send("Emulation.setEmulatedMedia", { media: "", features });
  }
  /** Without a folder, no screenshot is taken. */
  async takeScreenshot(folder, name) {
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    writeFileSync(join(folder, `${name}.png`), Buffer.from(data, "base64"));
  }
}

function describeException(details) {
  return details.exception?.description ?? details.text;
}
