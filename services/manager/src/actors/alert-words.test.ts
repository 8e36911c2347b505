import { expect, test } from "vitest";
import { type TopicAlert, wordsOf } from "./alert-words.ts";

const since = "2026-03-01T00:00:00.000Z";
/** The same, where the site is. */
const sinceThere = "Sat 28 Feb 2026, 18:00 GMT-6";
const alert = (more: Partial<TopicAlert> = {}): TopicAlert => ({
  id: "a",
  name: "Missing tents",
  severity: "warning",
  kind: "missing",
  group: "",
  count: 2,
  examples: [
    { key: "T1", since, detail: "tent" },
    { key: "T2", since },
  ],
  ...more,
});
const words = (what: string, ...alerts: TopicAlert[]) =>
  wordsOf({ site: "north", siteName: "North\ndepot", timeZone: "America/Chicago", what, alerts });

test("one alert is told with what it is about", () => {
  expect(words("raised", alert())).toEqual({
    title: "Warning: Missing tents (North depot)",
    text: `Warning: Missing tents: 2 items are missing.\n  T1, tent, since ${sinceThere}\n  T2, since ${sinceThere}`,
  });
});

test.each([
  { what: "escalated", begins: "Nobody took it up yet." },
  { what: "reopened", begins: "It came back." },
  { what: "grew", begins: "There are more of them." },
  { what: "test", begins: "This is a test; nothing is wrong." },
])("what is $what begins by saying so", ({ what, begins }) => {
  expect(words(what, alert()).text.split("\n")[0]).toBe(begins);
});

test.each([
  { kind: "stale", group: "resale", says: "2 items were not scanned for longer than the limit (resale)" },
  { kind: "queue_age", group: "wash", says: "2 items wait in wash for longer than the limit" },
  { kind: "reader_silent", group: "dock-1", says: `reader dock-1 is silent since ${sinceThere}` },
  { kind: "overdue", group: "rental", says: "2 contracts are overdue (rental)" },
  { kind: "finding_opened", group: "tag_unknown", says: "2 findings are open (tag_unknown)" },
  { kind: "webhook_failing", group: "e-1", says: "the webhook endpoint e-1 fails: tent" },
  { kind: "threshold", group: "", says: "T1: tent" },
] as const)("$kind is said in its own words", ({ kind, group, says }) => {
  expect(words("raised", alert({ kind, group })).text).toContain(says);
});

test("a figure is called by what it is, and not by where it stands", () => {
  const examples = [{ key: "/boards/contracts/counts/overdue", since, detail: "7" }];
  const { text } = words("raised", alert({ kind: "threshold", count: 1, examples }));
  expect(text).toBe(`Warning: Missing tents: contracts overdue: 7.\n  since ${sinceThere}`);
});

test("many things and many alerts are not all named", () => {
  const examples = Array.from({ length: 20 }, (_, at) => ({ key: `T${at}`, since }));
  const { text } = words("raised", alert({ count: 4_000, examples }));
  expect(text.split("\n")).toHaveLength(1 + 10 + 1);
  expect(text).toContain("and 3990 more");
  const digest = words("digest", ...Array.from({ length: 30 }, () => alert({ examples: [] })));
  expect(digest.title).toBe("Warning: 30 alerts (North depot)");
  expect(digest.text).toContain("and 10 more alerts");
});

test("what people named with line breaks stays on its line, and a title is no longer than a screen", () => {
  const { title, text } = words(
    "raised",
    alert({ name: "a\r\nb\u2028c".padEnd(300, "x"), count: 1, examples: [] }),
  );
  expect(title).toMatch(/^Warning: a b c/);
  expect(title.length).toBeLessThanOrEqual(120);
  expect(text).not.toContain("\r");
});

test("where the page has an address, each alert links to what it is about", () => {
  const topic = { site: "north", siteName: "North", timeZone: "UTC", page: "https://tagwire.example/" };
  const only = alert({ count: 1, examples: [{ key: "T/1", since }] });
  expect(
    wordsOf({ ...topic, what: "raised", alerts: [only] })
      .text.split("\n")
      .at(-1),
  ).toBe("  https://tagwire.example/#/north/items/T%2F1");
  const digest = wordsOf({ ...topic, what: "digest", alerts: [only, alert({ kind: "webhook_failing" })] });
  expect(digest.text.match(/https:/g)).toHaveLength(1);
});
