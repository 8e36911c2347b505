import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type CDPSession, openBrowser, type Page } from "@tagwire/testing";
import { figureOf, type Row, timed } from "./figure.ts";
import { watchTasks } from "./page-tasks.ts";
import { call, type Setting } from "./setting.ts";
import { nextScan, stock, tagOf } from "./stock.ts";

const site = "page";
/** A cheap tablet, as against this machine. */
const throttle = 6;
const burstMs = 3_000;
/** A reader on a cable says so many lines at once, and so often. */
const saysEveryMs = 50;
const longestFrameMsMax = 100;
const answeredMsMax = 60_000;
const uiFolder = resolve(import.meta.dirname, "../../services/operations-ui/dist");

type Rim = {
  say(text: string): void;
  frames: number[];
};

/*
 * A port that is fed from here, and the instants at which frames were drawn. Both run in the page, so a busy page shows in both. The port is
 * emulated: what comes in at it takes the way of any reader on a cable.
 */
const prepare = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const rim = window as unknown as Rim;
    let source: ReadableStreamDefaultController<Uint8Array> | undefined;
    const port = {
      readable: new ReadableStream<Uint8Array>({
        start: (controller) => {
          source = controller;
        },
      }),
      writable: null,
      open: async () => {},
      close: async () => {},
    };
    rim.say = (text) => source?.enqueue(new TextEncoder().encode(text));
    const serial = Object.assign(new EventTarget(), {
      requestPort: async () => port,
      getPorts: async () => [],
    });
    Object.defineProperty(navigator, "serial", { configurable: true, value: serial });
    rim.frames = [];
    const drawn = (atMs: number): void => {
      rim.frames.push(atMs);
      requestAnimationFrame(drawn);
    };
    requestAnimationFrame(drawn);
  });

const openScanScreen = async (page: Page, { http, key }: Setting["system"]): Promise<CDPSession> => {
  await prepare(page);
  await page.goto(`${http}/#/${site}/scan`);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Reader on a cable" }).click();
  await page.getByRole("button", { name: "Connect a reader" }).click();
  await page.getByText("Connected.").waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: throttle });
  return devtools;
};

/** The longest time from one frame to the next while `work` is done, in ms. */
const longestFrame = async (page: Page, work: () => Promise<unknown>): Promise<number> => {
  await page.evaluate(() => {
    (window as unknown as Rim).frames.length = 0;
  });
  await work();
  const frames = await page.evaluate(() => (window as unknown as Rim).frames);
  return Math.max(...frames.slice(1).map((at, index) => at - (frames[index] ?? at)));
};

/** Says tags as a reader does, evenly within the burst. */
const say = async (page: Page, tags: readonly string[]): Promise<void> => {
  const turns = burstMs / saysEveryMs;
  const startedAt = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    const lines = tags.slice(
      Math.round((turn * tags.length) / turns),
      Math.round(((turn + 1) * tags.length) / turns),
    );
    const said = page.evaluate((text) => (window as unknown as Rim).say(text), `${lines.join("\r\n")}\r\n`);
    await Promise.all([said, wait(startedAt + (turn + 1) * saysEveryMs - performance.now())]);
  }
};

/** What somebody with a cheap tablet sees of many tags at once. */
export const measurePage = async (setting: Setting): Promise<Row[]> => {
  if (!existsSync(join(uiFolder, "index.html")))
    throw new Error("the page is not built: npm start builds it, and so does npm test");
  const { rounds, pageTags } = setting.sizes;
  await stock(setting.bus, site, rounds * 2 * pageTags);
  const tagsOf = (batch: number) => Array.from({ length: pageTags }, (_, at) => tagOf(batch * pageTags + at));
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
    const devtools = await openScanScreen(page, setting.system);
    const idle: number[] = [];
    const busy: number[] = [];
    const tasks: number[] = [];
    const bare: number[] = [];
    const answered: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      idle.push(await longestFrame(page, () => wait(burstMs)));
      const scans = tagsOf(2 * round).map((tag) => nextScan(tag, 0));
      bare.push(await timed(() => call(setting.system, "POST", `/sites/${site}/scans`, { scans })));
      let saidAt = 0;
      const tags = tagsOf(2 * round + 1);
      const last = page.getByRole("listitem").filter({ hasText: tags.at(-1) ?? "" });
      const endWatch = await watchTasks(browser.browser);
      busy.push(
        await longestFrame(page, async () => {
          await say(page, tags);
          saidAt = performance.now();
          await last.getByText("Accepted").waitFor({ timeout: answeredMsMax });
        }),
      );
      answered.push(performance.now() - saidAt);
      tasks.push(await endWatch());
      await page.getByRole("button", { name: "Clear", exact: true }).click();
    }
    await devtools.detach();
    const longest = figureOf(busy);
    const longestTask = figureOf(tasks);
    const speed = `${pageTags} tags in ${burstMs / 1_000} s at ${throttle}× throttle`;
    return [
      {
        measurement: "page",
        what: `scan screen, ${speed}: longest frame`,
        unit: "ms",
        ...{ floor: figureOf(idle), product: longest },
        target: { text: `≤ ${longestFrameMsMax} ms`, isMet: longest.median <= longestFrameMsMax },
        note: "floor: the same screen while nothing is scanned",
      },
      {
        measurement: "page",
        what: "the same, longest task by the page's own processor time",
        unit: "ms",
        product: longestTask,
        target: { text: `≤ ${longestFrameMsMax} ms`, isMet: longestTask.median <= longestFrameMsMax },
        note: "throttled; what else this machine does is not in it",
      },
      {
        measurement: "page",
        what: "the same, last tag said → its answer on the screen",
        unit: "ms",
        ...{ floor: figureOf(bare), product: figureOf(answered) },
        note: "floor: one request with as many scans",
      },
    ];
  } finally {
    await browser[Symbol.asyncDispose]();
  }
};
