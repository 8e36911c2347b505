import type { SessionView } from "@tagwire/messages";
import { eventually, type Page } from "@tagwire/testing";
import type { Desk } from "./test-page.ts";

/** Another device of whoever is signed in on a page: a browser with the same cookies that remembers nothing. */
export const openTablet = async (place: Desk, page: Page): Promise<Page> => {
  const { cookies } = await page.context().storageState();
  return place.browser.newPage({
    ...{ viewport: { width: 1_440, height: 900 }, reducedMotion: "reduce" },
    storageState: { cookies, origins: [] },
  });
};

/** Goes to the scan station and waits until a session can be chosen there. */
export const showStation = async (place: Desk, page: Page, session: string): Promise<void> => {
  await page.goto(`${place.stack.http}/#/yard/scan`);
  await page.locator(`option[value="${session}"]`).waitFor({ state: "attached" });
};

/** Joins a session and scans a tag into it; `word` is what stands beside the tag then. */
export const scanInto = async (
  page: Page,
  session: string,
  { tag, word }: { readonly tag: string; readonly word: string },
): Promise<void> => {
  await page.getByLabel("Session", { exact: true }).selectOption(session);
  await page.getByLabel("Scan, type or paste tags").fill(tag);
  await page.getByRole("button", { name: "Record" }).click();
  await page.getByRole("listitem").filter({ hasText: tag }).getByText(word).waitFor();
};

/** Waits until a session says this of itself: whether all has come, and of how many tags each who took part has declared what has come. */
export const untilSession = (
  place: Desk,
  session: string,
  wanted: { readonly complete: boolean; readonly declared: readonly (number | undefined)[] },
): Promise<SessionView> => {
  let last = "nothing";
  const ask = async (): Promise<SessionView | undefined> => {
    const view = (await place.call("GET", `/sites/yard/sessions/${session}`)).body as SessionView;
    const declared = (view.parts ?? []).map((part) => part.declared?.count).toSorted();
    last = JSON.stringify({ complete: view.complete, declared, parts: view.parts });
    const isSo =
      view.complete === wanted.complete &&
      JSON.stringify(declared) === JSON.stringify(wanted.declared.toSorted());
    return isSo ? view : undefined;
  };
  return eventually(`the session says ${JSON.stringify(wanted)}`, ask).catch((error: unknown) => {
    throw new Error(`The session says ${last}`, { cause: error });
  });
};
