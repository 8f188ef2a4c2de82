#!/usr/bin/env node
// Plays a live page through in headless Chromium as a person would: it only clicks, types and
// pastes. The bundled client does the client's part, and Chromium is its browser too. The page must
// have no accessibility fault that axe-core finds, must log nothing to the console, and must ask for
// nothing from elsewhere; the run that it saved must pass.
//
//   ci/live-page/check.mjs [--screenshots DIR] [--runs N] PROGRAM
//
// PROGRAM is mcp-authspec. `--runs 5` stops after five runs and does not judge. Needs Node, npm's
// axe-core (`npm ci --prefix ci/live-page`) and Debian's `chromium` (or CHROMIUM=path).
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Browser, Page } from "../chromium.mjs";

const options = process.argv.slice(2);
function takeOption(name) {
  const at = options.indexOf(name);
  return at < 0 ? null : options.splice(at, 2)[1];
}
const screenshots = takeOption("--screenshots");
const most = Number(takeOption("--runs") ?? Infinity);
if (options.length !== 1) {
  console.error("usage: ci/live-page/check.mjs [--screenshots DIR] [--runs N] PROGRAM");
  process.exit(2);
}
const program = resolve(options[0]);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "live-page-"));
const faults = [];

/** What waits longer than this never comes. */
const LIMIT = 30_000;

async function until(what, condition) {
  const end = Date.now() + LIMIT;
  while (Date.now() < end) {
    const value = await condition();
    if (value) return value;
    await pause(20);
  }
  throw new Error(`${what} did not happen`);
}

/** The live page of the program. */
class Server {
  static async start(...more) {
    const server = new Server();
    const save = join(folder, "run");
    server.process = spawn(program, ["serve", "--save", save, "--seed", "live", ...more], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    server.process.stdout.setEncoding("utf8").on("data", (more) => { text += more; });
    server.url = await until("the address of the page", () => /http:\S+/.exec(text)?.[0]);
    return server;
  }
  async stop() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.kill("SIGINT");
    await ended;
  }
}

// ------------------------------------------------------------------ what a person does

/** Finds the visible element with this text, and clicks where it is. */
async function click(page, selector, text) {
  const find = `[...document.querySelectorAll(${JSON.stringify(selector)})].find((e) =>
    e.checkVisibility() && (${JSON.stringify(text ?? "")} === "" || e.textContent.trim() === ${JSON.stringify(text ?? "")}))`;
  await until(`${selector} "${text}"`, () => page.run(`!!${find}`));
  await page.run(`${find}.scrollIntoView({ block: "center", behavior: "instant" })`);
  // the page may still be scrolling
  const [x, y] = await page.run(`(async () => {
    const where = () => { const b = ${find}.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; };
    for (let last = null, now = where(); ; last = now, now = where()) {
      if (String(last) === String(now)) return now;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
  })()`);
  for (const type of ["mousePressed", "mouseReleased"]) {
    await page.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
  }
}

const shown = (page, selector) => page.run(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`);

async function judgeAccessibility(page, where) {
  await page.run(`${axe}; 0`);
  const found = await page.run(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.any.map((a) => a.message).join("; ")).slice(0, 3).join(", ")))`);
  faults.push(...found.map((fault) => `${where}: ${fault}`));
  const width = await page.run("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  if (width > 0) faults.push(`${where}: the page is ${width} pixels too wide`);
}

async function look(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.setColorScheme(scheme);
    for (const [label, width, height] of [["wide", 1280, 900], ["narrow", 390, 844]]) {
      await page.setSize(width, height);
      await judgeAccessibility(page, `${name}, ${scheme}, ${label}`);
      await page.takeScreenshot(screenshots, `${name}-${scheme}-${label}`);
    }
  }
  await page.setColorScheme("light");
  await page.setSize(1280, 900);
}

// ------------------------------------------------------------------ the client's part

/** Runs the bundled client. Chromium opens what it wants to have opened. */
async function runClient(browser, urls, home, program_) {
  const asked = join(folder, "asked");
  for (const url of urls) {
    writeFileSync(asked, "");
    const client = spawn(program_, ["reference-client", "--store", home, url], {
      env: { ...process.env, BROWSER: join(folder, "browser"), ASKED: asked },
      stdio: "ignore",
    });
    let over = false;
    client.on("exit", () => { over = true; });
    let opened = 0;
    await until(`the end of the client at ${url}`, async () => {
      const wanted = readFileSync(asked, "utf8").split("\n").filter(Boolean);
      for (; opened < wanted.length; opened += 1) {
        const tab = await Page.open(browser);
        // a page of the client's may never finish loading
        await Promise.race([tab.visit(wanted[opened]), until("the end", () => over).catch(() => {})]);
        await browser.send("Target.closeTarget", { targetId: tab.targetId });
      }
      return over;
    });
  }
}

// ------------------------------------------------------------------ the whole

async function choose(page) {
  await until("the size of the plans", async () => /runs/.test(await shown(page, "#size-full")));
  await look(page, "choice");
  await click(page, "input[name=client]");
  await page.send("Input.insertText", { text: "Bundled client 1.0" });
  // the program of the bundled client calls one tool
  await click(page, "input[value=named-tools]");
  await click(page, "button", "Begin");
}

/** The number of the run that the page shows, and the state of that run in the list. */
const current = (page) => page.run("document.querySelector('#runs a[aria-current]')?.getAttribute('href').slice(1)");

async function playRun(page, browser, number) {
  const home = mkdtempSync(join(folder, "home-"));
  await click(page, "#run button", "Start");
  for (let step = 1; ; step += 1) {
    const urls = await until("the URL", () => page.run(
      "(() => { const u = [...document.querySelectorAll('.copy input')].map((i) => i.value).filter((v) => v.startsWith('http')); return u.length && u; })()",
    ));
    const [, of] = /of (\d+)/.exec(await shown(page, ".task h3")) ?? [0, 1];
    if (number === 1 && step === 1) await look(page, "open");
    await runClient(browser, urls, home, program);
    const finish = step < Number(of) ? "Done, next step" : "The client has come to rest: finish";
    await click(page, ".task button", finish);
    const after = () => page.run(`({
      problem: !document.querySelector('#problem').hidden,
      over: !document.querySelector('.task') && document.querySelector('#run .buttons') !== null,
      heading: document.querySelector('.task h3')?.textContent })`);
    const isNext = (now) => now.over || now.heading === `Step ${step + 1} of ${of}`;
    let now = await until("what follows", async () => {
      const now = await after();
      return (now.problem || isNext(now)) && now;
    });
    if (now.problem && !isNext(now)) {
      await click(page, "input[name=browser-returned][value=yes]");
      await click(page, ".task button", finish);
      now = await until("what follows the answer", async () => {
        const now = await after();
        return isNext(now) && now;
      });
    }
    if (now.over) break;
  }
  rmSync(home, { recursive: true, force: true });
}

async function play() {
  writeFileSync(join(folder, "browser"), '#!/bin/sh\nprintf "%s\\n" "$1" >> "$ASKED"\n', { mode: 0o755 });
  let server = await Server.start();
  const browser = new Browser();
  // windows that the client opens would cover the page, and a covered page gets no clicks
  const browserOfClient = new Browser();
  let page = null;
  try {
    page = await Page.open(browser);
    const { messages, requests } = page;
    await page.setSize(1280, 900);
    await page.visit(server.url);
    await choose(page);
    await until("the first run", () => current(page));
    const total = Number(/of (\d+) runs/.exec(await shown(page, "#progress"))[1]);
    for (let number = 1; number <= Math.min(total, most); number += 1) {
      await until(`run ${number}`, async () => (await current(page)) === String(number));
      await playRun(page, browserOfClient, number);
      if (number === 1) await look(page, "finished");
      if (number === 2) {
        const origin = new URL(server.url).origin;
        // the program ends and goes on where it was
        faults.push(...messages, ...requests.filter((url) => !url.startsWith(origin)));
        await browser.send("Target.closeTarget", { targetId: page.targetId });
        await server.stop();
        server = await Server.start("--resume");
        page = await Page.open(browser);
        await page.visit(server.url);
        await until("what was done before", async () => (await shown(page, "#progress")).includes("2 of"));
      } else if (number < total) {
        await click(page, "#run a.button", "Next run");
      }
    }
    await look(page, "end");
    const origin = new URL(server.url).origin;
    faults.push(...page.messages.map((message) => `the page logs ${message}`));
    faults.push(...page.requests.filter((url) => !url.startsWith(origin)).map((url) => `the page asks for ${url}`));
    const failed = await page.run("[...document.querySelectorAll('#runs li')].filter((li) => /failed|error|warning/.test(li.querySelector('.chip').textContent)).map((li) => li.textContent)");
    faults.push(...failed);
    return total <= most;
  } catch (error) {
    error.shown = await page?.run("document.querySelector('#run').innerText").catch(() => "");
    error.shown += `\nits last requests: ${page?.requests.slice(-4).join(" ")}`;
    throw error;
  } finally {
    await Promise.all([browser.close(), browserOfClient.close()]);
    await server.stop();
  }
}

try {
  if (await play()) {
    const judged = spawnSync(program, ["judge", join(folder, "run")], { encoding: "utf8" });
    console.log(judged.stdout.trim().split("\n").slice(-4).join("\n"));
    if (judged.status !== 0) faults.push(`the saved run does not pass: ${judged.stderr}`);
  }
} catch (error) {
  faults.push(error.stack);
  if (error.shown) faults.push(`the page shows: ${error.shown}`);
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
for (const fault of faults) console.error(`live page: ${fault}`);
console.log(faults.length === 0 ? "live page: good" : `live page: ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
