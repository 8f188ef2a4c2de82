#!/usr/bin/env node
// Opens HTML reports in headless Chromium and checks that they work: rendering, filters, links,
// both colour schemes, narrow and wide windows, printing, and without scripts. A page must not log
// anything to the console and must not request anything but its own file.
//
//   ci/html-check.mjs [--screenshots DIR] FILE...
//
// Needs Node and Debian's `chromium` (or CHROMIUM=path).
//
// `cargo test --test report` writes pages for this check to target/tmp/.
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Browser, Page } from "./chromium.mjs";

const files = process.argv.slice(2);
const option = files.indexOf("--screenshots");
const screenshots = option < 0 ? null : resolve(files.splice(option, 2)[1]);
if (files.length === 0) {
  console.error("usage: ci/html-check.mjs [--screenshots DIR] FILE...");
  process.exit(2);
}

const visible = "[...document.querySelectorAll('[data-item]')].filter((e) => e.offsetParent !== null)";
const press = (selector) => `document.querySelector(${JSON.stringify(selector)}).click()`;
const type = (text) => `{ const t = document.querySelector("#text"); t.value = ${JSON.stringify(text)}; t.dispatchEvent(new Event("input", { bubbles: true })); }`;

async function check(browser, file) {
  const faults = [];
  const expect = (good, what) => { if (!good) faults.push(what); };
  const url = pathToFileURL(resolve(file)).href;
  const name = basename(file, ".html");
  const page = await Page.open(browser);
  await page.setColorScheme("light");
  await page.setSize(1280, 900);
  await page.visit(url);

  const all = await page.run(`${visible}.length`);
  expect(all > 0, "nothing is shown");
  expect(
    await page.run("document.querySelectorAll('svg.sequence').length") > 0,
    "no diagram is drawn",
  );
  expect(
    await page.run("[...document.querySelectorAll('[id]')].length === new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size"),
    "an id is used twice",
  );
  const dead = await page.run("[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash).filter((h) => !document.getElementById(decodeURIComponent(h.slice(1))))");
  expect(dead.length === 0, `links lead nowhere: ${dead.slice(0, 5).join(" ")}`);
  await page.takeScreenshot(screenshots, `${name}-light`);

  // ------------------------------------------------------------ filters
  await page.run(press("[data-filter=verdict][data-value=fail]"));
  expect(
    await page.run(`${visible}.every((e) => /(^| )fail\\//.test(e.dataset.kinds))`),
    "the verdict filter shows something else",
  );
  const failed = await page.run(`${visible}.length`);
  expect(
    failed === await page.run("[...document.querySelectorAll('[data-item]')].filter((e) => /(^| )fail\\//.test(e.dataset.kinds)).length"),
    "the verdict filter hides too much",
  );
  await page.run(press("[data-filter=level][data-value=MUST]"));
  expect(
    await page.run(`${visible}.every((e) => /(^| )fail\\/MUST\\//.test(e.dataset.kinds))`),
    "verdict and level are not taken together",
  );
  await page.run(press("#clear"));
  expect(await page.run(`${visible}.length`) === all, "reset does not show everything again");
  const area = await page.run("document.querySelector('#area').options[1].value");
  await page.run(`{ const a = document.querySelector("#area"); a.selectedIndex = 1; a.dispatchEvent(new Event("input", { bubbles: true })); }`);
  expect(
    await page.run(`${visible}.every((e) => e.dataset.kinds.split(" ").some((k) => k.endsWith(${JSON.stringify(`/${area}`)})))`),
    "the area filter shows something else",
  );
  await page.run(press("#clear"));
  await page.run(type("no-such-word-anywhere"));
  expect(
    await page.run(`${visible}.length`) === 0,
    "the text filter shows what does not hold the text",
  );
  expect(
    await page.run("[...document.querySelectorAll('.nothing')].every((e) => e.offsetParent !== null)"),
    "an empty list says nothing",
  );
  await page.run(press("#clear"));

  // ------------------------------------------------------------ keyboard, links, copy
  await page.pressKey("/", "Slash", "/");
  expect(await page.run("document.activeElement.id") === "text", "`/` does not lead to the search");
  expect(
    await page.run("[...document.querySelectorAll('[onclick], a:not([href]), div[tabindex]')].length") === 0,
    "something can be reached by mouse only",
  );
  const scenario = await page.run("document.querySelector('.scenario').id");
  await page.run(`location.hash = ${JSON.stringify(scenario)}`);
  await page.run("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))");
  expect(
    await page.run(`document.getElementById(${JSON.stringify(scenario)}).open`),
    "a link to a scenario does not open it",
  );
  await page.run(`document.getElementById(${JSON.stringify(scenario)}).scrollIntoView({ behavior: "instant" })`);
  await page.run("for (const d of document.querySelectorAll('.scenario[open] details')) d.open = true");
  await page.takeScreenshot(screenshots, `${name}-scenario-light`);

  // ------------------------------------------------------------ dark, narrow
  await page.setColorScheme("dark");
  const background = () => page.run("getComputedStyle(document.body).backgroundColor");
  const dark = await background();
  await page.takeScreenshot(screenshots, `${name}-scenario-dark`);
  await page.run("scrollTo({ top: 0, behavior: 'instant' })");
  await page.takeScreenshot(screenshots, `${name}-dark`);
  await page.run(press("#theme"));
  expect(await background() !== dark, "the button does not change the colours");
  await page.run(press("#theme"));
  expect(await background() === dark, "the button does not change the colours back");
  await page.run("localStorage.clear(); delete document.documentElement.dataset.theme");
  await page.setSize(390, 844);
  expect(
    await page.run("document.documentElement.scrollWidth <= innerWidth"),
    "the page is wider than a narrow window",
  );
  await page.takeScreenshot(screenshots, `${name}-narrow-dark`);
  await page.run("document.querySelector('.requirements').scrollIntoView({ behavior: 'instant' })");
  await page.takeScreenshot(screenshots, `${name}-narrow-requirements-dark`);
  await page.setColorScheme("light");
  for (const [part, label] of [[".findings, .attack", "findings"], [".requirements", "requirements"], [".scenarios", "scenarios"]]) {
    await page.setSize(1280, 1400);
    if (await page.run(`!!document.querySelector(${JSON.stringify(part)})`)) {
      await page.run(`document.querySelector(${JSON.stringify(part)}).scrollIntoView({ behavior: "instant" })`);
      await page.takeScreenshot(screenshots, `${name}-${label}-light`);
    }
  }

  // ------------------------------------------------------------ on paper: as wide as A4, everything open, dark on the screen
  await page.run("document.documentElement.dataset.theme = 'dark'; for (const d of document.querySelectorAll('details')) d.open = true");
  await page.emulatePaper();
  await page.setSize(703, 1000);
  expect(
    await page.run("getComputedStyle(document.querySelector('.card')).backgroundColor") === "rgb(255, 255, 255)",
    "paper is dark",
  );
  expect(
    await page.run("document.documentElement.scrollWidth <= innerWidth"),
    "the page is wider than paper",
  );
  expect(
    await page.run("[...document.querySelectorAll('#filter, #theme, .copy, nav')].every((e) => e.offsetParent === null)"),
    "there are controls on paper",
  );
  const cut = await page.run(`[...document.querySelectorAll("main *")].filter((e) => e instanceof HTMLElement && getComputedStyle(e).overflow !== "visible"
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)).map((e) => e.outerHTML.slice(0, 80))`);
  expect(cut.length === 0, `paper cuts off ${cut.slice(0, 3).join(" ")}`);
  await page.takeScreenshot(screenshots, `${name}-paper`);
  await page.setColorScheme("light");

  const messages = [...page.messages];
  const leaving = page.requests.filter((request) => !request.startsWith("data:") && request.split("#")[0] !== url);
  expect(messages.length === 0, `the page logs:\n    ${messages.join("\n    ")}`);
  expect(leaving.length === 0, `the page asks for ${leaving.join(", ")}`);

  // ------------------------------------------------------------ without script
  const plain = await Page.open(browser);
  await plain.send("Emulation.setScriptExecutionDisabled", { value: true });
  await plain.visit(url);
  expect(await plain.run(`${visible}.length`) === all, "without script, not everything is shown");
  expect(
    await plain.run("[...document.querySelectorAll('#filter, #theme, .copy')].every((e) => e.offsetParent === null)"),
    "without script, there are controls that do nothing",
  );
  for (const { targetId } of [page, plain]) await browser.send("Target.closeTarget", { targetId });
  return { all, faults };
}

const browser = new Browser();
let bad = 0;
for (const file of files) {
  const { all, faults } = await check(browser, file);
  console.log(`${faults.length ? "FAILED" : "ok"} ${file} (${all} entries)`);
  for (const fault of faults) console.log(`  ${fault}`);
  bad += faults.length;
}
await browser.close();
process.exit(bad ? 1 : 0);
