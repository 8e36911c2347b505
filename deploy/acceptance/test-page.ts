import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWarehouse, type WarehouseScan } from "@tagwire/emulators";
import { newId, type Receipt } from "@tagwire/messages";
import {
  type Answer,
  openBrowser,
  type Page,
  type Stack,
  type StackService,
  startStack,
  type TestBrowser,
} from "@tagwire/testing";

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** The product with nobody signed in yet, and a browser before it. */
export type Desk = {
  readonly stack: Stack;
  readonly browser: TestBrowser;
  readonly call: Call;
  /** Where the key for tools is. */
  readonly keyFile: string;
  /** The key for tools, as the newest start of the api-gateway wrote it. */
  readonly readKey: () => Promise<string>;
  /** The one-time link that the newest start of the api-gateway gave. */
  readonly signInLink: () => Promise<string>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Starts everything the way the launcher does: no admin key, a sign-in link and a local key in files. */
export const openDesk = async (
  options: {
    readonly services?: readonly StackService[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Desk> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-page-"));
  const signInFile = join(folder, "sign-in");
  const keyFile = join(folder, "key");
  const [stack, browser] = await Promise.all([
    startStack({
      ...options,
      env: { ...options.env, TAGWIRE_ADMIN_KEY: "", SIGN_IN_FILE: signInFile, LOCAL_KEY_FILE: keyFile },
    }),
    openBrowser(),
  ]);
  const read = async (file: string) => (await readFile(file, "utf8")).trim();
  return {
    stack,
    browser,
    keyFile,
    call: async (method, path, body) =>
      stack.call(method, path, body, { authorization: `Bearer ${await read(keyFile)}` }),
    readKey: () => read(keyFile),
    signInLink: () => read(signInFile),
    [Symbol.asyncDispose]: async () => {
      await browser[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const callsAtOnce = 8;

/** Fills a site with the stock of a made-up warehouse and what its staff scanned in the hour before. */
export const populate = async (call: Call, site: string, itemCount: number): Promise<void> => {
  const startMs = Date.now() - 3_600_000;
  const { items, nextActs } = createWarehouse({ seed: "page", items: itemCount, startMs, speed: 6 });
  const queue = [...items];
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const { tag, name, place, role } = item;
      const whereabouts = { ...(place === null ? {} : { place }), ...(role === null ? {} : { role }) };
      await call("POST", `/sites/${site}/items`, { tag, class: name, ...whereabouts });
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
  const sent = nextActs(Date.now()).flatMap((act) => (act.kind === "scan-session" ? act.scans : []));
  await call("POST", `/sites/${site}/scans`, { scans: sent.map(scanOf) });
};

const scanOf = ({ id, tag, type, scannedAtMs, contract, place, status }: WarehouseScan) => ({
  id,
  tag,
  type,
  scannedAt: new Date(scannedAtMs).toISOString(),
  ...(contract === null ? {} : { contract }),
  ...(place === null ? {} : { place }),
  ...(status === null ? {} : { status }),
});

/** Scans tags through the API, all in the same way. */
export const scan = async (
  call: Call,
  site: string,
  tags: readonly string[],
  how: Readonly<Record<string, unknown>>,
): Promise<Receipt[]> => {
  const scans = tags.map((tag) => ({ id: newId(), tag, scannedAt: new Date().toISOString(), ...how }));
  return ((await call("POST", `/sites/${site}/scans`, { scans })).body as { receipts: Receipt[] }).receipts;
};

/** Makes tags of new items on the floor of a site, as a scanner types them. */
export const tagMaker = (call: Call, site: string, first: bigint) => {
  let next = first;
  return async (count: number): Promise<string[]> => {
    const made = Array.from({ length: count }, (_, index) =>
      (next + BigInt(index)).toString(16).toUpperCase(),
    );
    next += BigInt(count);
    for (const tag of made)
      await call("POST", `/sites/${site}/items`, { tag, class: "Chair", status: "ready" });
    return made;
  };
};

/** An address where nobody listens. */
export const deadAddress = async (): Promise<string> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return `127.0.0.1:${port}`;
};

/** What a page did that it must not do: errors, broken policies, requests to elsewhere. */
export const watchPage = async (page: Page, origin: string) => {
  const faults: string[] = [];
  page.on("console", (said) => {
    // Who hears how full the queues of devices are runs in few tests; the page tells it once a minute, and goes on without an answer.
    if (said.location().url.endsWith("/device-reports")) return;
    if (said.type() === "error") faults.push(`console: ${said.text()} (${said.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`request: ${request.url()}`);
  });
  await page.exposeFunction("policyBroken", (what: string) => faults.push(`policy: ${what}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const told = window as unknown as { policyBroken(what: string): void };
      told.policyBroken(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return faults;
};

type LiveRead = { readonly prev: number; readonly pos: number; readonly isSnapshot: boolean };

/** A page before a desk of its own, signed in at a site `yard` with six things. */
export const openYard = async (viewport: { readonly width: number; readonly height: number }) => {
  const place = await openDesk();
  const page = await place.browser.newPage({ viewport, reducedMotion: "reduce" });
  const faults = await watchPage(page, place.stack.http);
  await place.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  const tags = await tagMaker(place.call, "yard", 0x3034257bf7194e4000000000n)(6);
  await page.goto(await place.signInLink());
  await page.getByRole("heading", { level: 1, name: "Yard" }).waitFor();
  return { place, page, faults, tags };
};

/** The frames of the events view as they come in at the page, over every connection it makes. */
export const watchEvents = (page: Page): LiveRead[] => {
  const reads: LiveRead[] = [];
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      const frame = JSON.parse(String(payload)) as { op: string; id?: string; prev?: number; pos: number };
      if (!frame.id?.startsWith("events.") || (frame.op !== "snap" && frame.op !== "delta")) return;
      reads.push({ prev: frame.prev ?? 0, pos: frame.pos, isSnapshot: frame.op === "snap" });
    }),
  );
  return reads;
};

/** Between two runs of keys there is this much silence, more than the page wants before a scan. */
const restS = 1.5;

/** A keyboard: `gapMs` is what lies between two keys on its own clock, however slow this machine is. */
export const openKeyboard = async (page: Page) => {
  const session = await page.context().newCDPSession(page);
  const press = async (key: string, atS: number) => {
    const text = key === "Enter" ? "\r" : key;
    const code = key === "Enter" ? { code: "Enter", windowsVirtualKeyCode: 13 } : {};
    await session.send("Input.dispatchKeyEvent", { type: "keyDown", key, text, timestamp: atS, ...code });
    await session.send("Input.dispatchKeyEvent", { type: "keyUp", key, timestamp: atS, ...code });
  };
  let clockS = 0;
  return async (keys: readonly string[], gapMs: number): Promise<void> => {
    clockS = Math.max(Date.now() / 1_000, clockS + restS);
    for (const [index, key] of keys.entries()) {
      if (index > 0) clockS += gapMs / 1_000;
      await press(key, clockS);
    }
  };
};

/** Pastes text where the focus is. Of itself it types nothing: only the page may take it. */
export const paste = (page: Page, text: string): Promise<void> =>
  page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);

/**
 * Everything on the page that can be pressed and whose target is smaller than `sizePx` in either direction, found by asking
 * what a press around its middle would meet. A press on its label counts. `within` says of which part of the page.
 */
export const smallTargets = (page: Page, sizePx: number, within = "body"): Promise<string[]> =>
  page.evaluate(
    ({ size, part }) => {
      const selector =
        'a[href], button, input, select, textarea, summary, [role="option"], [role^="menuitem"], [tabindex="0"]';
      const isHit = (element: Element, x: number, y: number): boolean => {
        const met = document.elementFromPoint(x, y);
        if (met === null) return false;
        const isLabel = met.closest<HTMLLabelElement>("label")?.control === element;
        return element.contains(met) || met.closest(selector) === element || isLabel;
      };
      const reach = (
        element: Element,
        from: { x: number; y: number },
        step: { x: number; y: number },
      ): number => {
        let far = 0;
        while (far < size && isHit(element, from.x + step.x * (far + 1), from.y + step.y * (far + 1)))
          far += 1;
        return far;
      };
      const small: string[] = [];
      for (const element of document.querySelector(part)?.querySelectorAll(selector) ?? []) {
        element.scrollIntoView({ block: "center", inline: "center" });
        const box = element.getBoundingClientRect();
        const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        const isSeen = box.width > 1 && from.x > 0 && from.y > 0 && isHit(element, from.x, from.y);
        if (!isSeen) continue;
        const width = reach(element, from, { x: 1, y: 0 }) + reach(element, from, { x: -1, y: 0 });
        const height = reach(element, from, { x: 0, y: 1 }) + reach(element, from, { x: 0, y: -1 });
        // Half a pixel on either side may belong to the neighbour.
        if (Math.min(width, height) < size - 1)
          small.push(`${element.tagName} "${element.textContent?.trim().slice(0, 40)}" ${width}×${height}`);
      }
      return small;
    },
    { size: sizePx, part: within },
  );
