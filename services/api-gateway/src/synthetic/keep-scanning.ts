import type { Bus } from "@tagwire/bus";
import { type By, Fault, newId, type Receipt, type SiteId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { sendCommand } from "../edge/commands.ts";
import type { Gateway } from "../edge/gateway.ts";
import type { KnownSites } from "../edge/known-sites.ts";
import { newTraceId } from "../edge/request-trace.ts";
import { openSyntheticMeters, type ScanOutcome } from "./meters.ts";
import { probedSites, probeSiteOf } from "./probe-site.ts";
import { openScreen, type Screen } from "./screen.ts";

/** What a test scan is called by in logs and timelines. */
export const syntheticName = "synthetic";
const by: By = { device: syntheticName };
const tag = "TEST-SCAN";
/** A receipt, and after it a frame, that take longer than this each did not come. */
const answerMsMax = 10_000;
const serverFaultMin = 500;

/** Where a server that listens is reached from its own machine. @throws when it does not listen on a port */
export const ownUrlOf = ({ server }: { readonly server: Pick<Gateway["server"], "address"> }): string => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway does not listen");
  const host = { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[address.address];
  const own = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host ?? own}:${address.port}`;
};

export type SyntheticScans = { readonly close: () => Promise<void> };

const envelope = () => ({
  id: newId(),
  by,
  receivedAt: new Date().toISOString(),
  traceparent: `00-${newTraceId()}-${newTraceId().slice(0, 16)}-00`,
});

/** Makes the site for practice and the one thing in it; again it changes nothing. */
const prepare = async (bus: Bus, site: SiteId, probe: SiteId): Promise<void> => {
  const name = `Test scans of ${site}`;
  const body = { id: probe, name, timeZone: "Etc/UTC" };
  await sendCommand<"site.create">(bus, probe, { kind: "site.create", ...envelope(), body });
  const item = { tag, class: "Test scan" };
  await sendCommand<"item.create">(bus, probe, { kind: "item.create", ...envelope(), body: item }).catch(
    (error: unknown) => {
      if (!(error instanceof Fault) || error.code !== "item_exists") throw error;
    },
  );
};

/**
 * Scans a test tag at the probe site of every real one now and then: over this gateway's own address like anybody, until the change is back on
 * a screen of its own. What happens is in the metrics; nobody else is told.
 */
export const keepScanning = (options: {
  readonly bus: Bus;
  readonly sites: KnownSites;
  /** Where this gateway listens. */
  readonly url: string;
  /** The key that may scan at probe sites and nothing else. */
  readonly key: string;
  readonly everyMs: number;
  readonly log: Logger;
}): SyntheticScans => {
  const { bus, sites, url, key, everyMs, log } = options;
  const meters = openSyntheticMeters();
  const prepared = new Map<SiteId, SiteId>();
  const ending = new AbortController();
  let screen: Screen | undefined;
  let opening: Promise<Screen> | undefined;

  const screenNow = async (): Promise<Screen> => {
    if (screen?.isOpen()) return screen;
    opening ??= openScreen(url, key).finally(() => {
      opening = undefined;
    });
    screen = await opening;
    return screen;
  };

  const post = async (probe: SiteId): Promise<Response> =>
    fetch(`${url}/api/v1/sites/${probe}/scans`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        scans: [{ id: newId(), tag, type: "touch", scannedAt: new Date().toISOString() }],
      }),
      signal: AbortSignal.any([ending.signal, AbortSignal.timeout(answerMsMax)]),
    });

  const scan = async (site: SiteId): Promise<ScanOutcome> => {
    let probe = prepared.get(site);
    if (probe === undefined) {
      probe = probeSiteOf(site);
      await prepare(bus, site, probe);
      prepared.set(site, probe);
      log.info({ site, probe }, "test scans of a site begin");
    }
    const watching = await screenNow();
    watching.follow(probe);
    const answer = await post(probe);
    if (!answer.ok) {
      await answer.body?.cancel();
      return answer.status >= serverFaultMin ? "failed" : "refused";
    }
    const [receipt] = ((await answer.json()) as { readonly receipts: readonly Receipt[] }).receipts;
    if (receipt?.outcome !== "accepted" || receipt.item === undefined) return "refused";
    return (await watching.shows(probe, tag, receipt.item.version, answerMsMax)) ? "seen" : "unseen";
  };

  const scanAndTell = async (site: SiteId): Promise<void> => {
    meters.begin(site);
    const startedAtMs = performance.now();
    const outcome = await scan(site).catch((err: unknown): ScanOutcome => {
      if (!ending.signal.aborted) log.warn({ err, site }, "a test scan failed");
      return "failed";
    });
    if (ending.signal.aborted) return;
    meters.ended(site, outcome, (performance.now() - startedAtMs) / 1_000);
    if (outcome !== "seen")
      log.warn({ site, probe: prepared.get(site), outcome }, "a test scan did not come back");
  };

  let known: readonly SiteId[] = [];
  const round = async (): Promise<void> => {
    // While nobody can say which sites there are, those that were known are the ones to look at.
    known = await sites.list().then(
      (all) => probedSites(all.map(({ id }) => id)),
      () => known,
    );
    await Promise.all(known.map(scanAndTell));
  };

  let under: Promise<void> | undefined;
  const begin = () => {
    // A round that is late is not followed by another one on top of it.
    under ??= round().finally(() => {
      under = undefined;
    });
  };
  const timer = setInterval(begin, everyMs);
  timer.unref();
  begin();

  return {
    close: async () => {
      clearInterval(timer);
      ending.abort();
      screen?.close();
      await under;
      meters.close();
    },
  };
};
