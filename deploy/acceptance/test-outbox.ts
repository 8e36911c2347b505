import type { Page } from "@tagwire/testing";

type Context = ReturnType<Page["context"]>;
type Route = Parameters<Parameters<Context["route"]>[1]>[0];

/** What a page has stored of its scans, in the order in which they were captured. */
export type Stored = {
  readonly id: string;
  readonly order: number;
  readonly seq: number | null;
  readonly state: string;
  readonly incarnation: string;
};

export const storedOn = (page: Page): Promise<Stored[]> =>
  page.evaluate(
    () =>
      new Promise<Stored[]>((resolve, reject) => {
        const opening = indexedDB.open("tagwire");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const asked = opening.result.transaction("outbox").objectStore("outbox").getAll();
          asked.onerror = () => reject(asked.error);
          asked.onsuccess = () => {
            opening.result.close();
            resolve((asked.result as Stored[]).sort((one, other) => one.order - other.order));
          };
        };
      }),
  );

/** How many scans a page has stored, answered or not: to read all of them again and again would hold up the page that stores them. */
export const countOn = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("tagwire");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const asked = opening.result.transaction("outbox").objectStore("outbox").count();
          asked.onerror = () => reject(asked.error);
          asked.onsuccess = () => {
            opening.result.close();
            resolve(asked.result);
          };
        };
      }),
  );

/** Where pauses after failures are not what is proven: the pages find their network again so often, in ms, and then do not wait. */
const foundAgainEveryMs = 100;
export const findNetworkOften = (context: Context): Promise<unknown> =>
  context.addInitScript((everyMs) => {
    setInterval(() => navigator.onLine && dispatchEvent(new Event("online")), everyMs);
  }, foundAgainEveryMs);

/**
 * The way of scans to the server, which can be cut, and which loses answers to what the server has applied. `namesMax` is how often a page
 * asked for names at once.
 */
export const breakWay = async (context: Context) => {
  let isCut = false;
  const underWay = new Set<ReturnType<Route["request"]>>();
  // What a page no longer waits for, since it was closed, loaded anew or has waited long enough, is not under way for anybody.
  context.on("requestfailed", (request) => underWay.delete(request));
  let shareLost = 0;
  const seen = { requests: 0, lost: 0, inFlightMax: 0, sent: 0, namesMax: 0 };
  const names = new Map<Page, Set<ReturnType<Route["request"]>>>();
  context.on("request", (request) => {
    if (!request.url().includes("/prefetch?") || request.serviceWorker() !== null) return;
    const page = request.frame().page();
    const own = (names.get(page) ?? new Set()).add(request);
    names.set(page, own);
    seen.namesMax = Math.max(seen.namesMax, own.size);
  });
  const namesAnswered = (request: ReturnType<Route["request"]>) => {
    for (const own of names.values()) own.delete(request);
  };
  context.on("requestfinished", namesAnswered);
  context.on("requestfailed", namesAnswered);
  let onApplied: (route: Route) => Promise<void> = async () => {};
  await context.route("**/api/v1/sites/*/scans", async (route) => {
    if (isCut) return route.abort("internetdisconnected");
    underWay.add(route.request());
    seen.requests += 1;
    seen.inFlightMax = Math.max(seen.inFlightMax, underWay.size);
    seen.sent += (route.request().postDataJSON() as { scans: unknown[] }).scans.length;
    try {
      // What the server has answered is no longer on its way: where its page dies over the answer, the next page may send at once.
      const response = await route.fetch().finally(() => underWay.delete(route.request()));
      await onApplied(route);
      // Two in five, spread evenly: a share that every run has.
      if (Math.floor(seen.requests * shareLost) > Math.floor((seen.requests - 1) * shareLost)) {
        seen.lost += 1;
        await route.abort("connectionreset");
      } else await route.fulfill({ response });
    } catch {
      // Whoever asked is gone.
    }
  });
  return {
    seen,
    loseAnswers: (share: number) => {
      shareLost = share;
    },
    cut: async (cut: boolean) => {
      isCut = cut;
      await context.setOffline(cut);
    },
    /** Called when the server has applied what a request carried, and before its answer is given back. */
    whenApplied: (run: (route: Route) => Promise<void>) => {
      onApplied = run;
    },
  };
};
