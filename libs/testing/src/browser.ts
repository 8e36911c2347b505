import { findChromium } from "@tagwire/embedded";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { browserEnvironment, comesWithInstall, unpackChromium } from "./bundled-chromium.ts";

export type { CDPSession, ConsoleMessage, Locator, Page, Request, Response } from "playwright-core";

/** A test asks a page for something that never comes: long enough for the slowest machine, short enough to fail. */
const actionTimeoutMs = 30_000;

/** A quiet browser: nothing of its own on the network, no graphics card. */
const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type TestBrowser = {
  readonly browser: Browser;
  /** A page of a person alone: own cookies, own storage. */
  readonly newPage: (options?: BrowserContextOptions) => Promise<Page>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/**
 * A real headless Chromium: the one of this machine, else the one that came with the install. As root or not. `more` are flags of a test's own.
 *
 * Throws `embedded.browser_missing` when `CHROMIUM_BIN` names one that cannot be run, or there is none for this platform.
 */
export const openBrowser = async (more: readonly string[] = []): Promise<TestBrowser> => {
  // Loaded late: only the few tests that show a page pay for it.
  const { chromium } = await import("playwright-core");
  const executablePath = await findChromium(process.env, comesWithInstall() ? unpackChromium : undefined);
  const browser = await chromium.launch({
    executablePath,
    args: [...flags, ...more],
    env: { ...(await browserEnvironment(executablePath)) } as Record<string, string>,
  });
  return {
    browser,
    newPage: async (options = {}) => {
      // What a service worker answers no test can see or change on its way: those that are about it ask for it.
      const context = await browser.newContext({ serviceWorkers: "block", ...options });
      context.setDefaultTimeout(actionTimeoutMs);
      return context.newPage();
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
};

/** WCAG 2.0, 2.1 and 2.2 up to AA, as axe names them. */
const accessibilityRules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds wrong with what the page shows now: a line for each rule and element, empty when nothing is. */
export const accessibilityFaults = async (page: Page): Promise<string[]> => {
  const { AxeBuilder } = await import("@axe-core/playwright");
  // The page has no frames of others, so axe need not open a page of its own to put results together.
  const axe = new AxeBuilder({ page }).withTags(accessibilityRules).setLegacyMode(true);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
};
