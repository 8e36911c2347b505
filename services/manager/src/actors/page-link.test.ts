import type { AlertKind } from "@tagwire/messages";
import { expect, test } from "vitest";
import { pageLinkOf } from "./page-link.ts";

type Case = { kind: AlertKind; group?: string; only?: string; leads: string };

test.each<Case>([
  { kind: "missing", only: "30 14", leads: "items/30%2014" },
  { kind: "missing", leads: "items?status=missing" },
  { kind: "stale", only: "A", leads: "items/A" },
  { kind: "stale", leads: "boards?board=stale" },
  { kind: "queue_age", group: "wash", leads: "boards?board=queues" },
  { kind: "queue_age", group: "wash", only: "A", leads: "items/A" },
  { kind: "overdue", group: "rental", only: "4711", leads: "boards?board=contracts&contract=4711" },
  { kind: "overdue", group: "laundry", only: "L 7&8", leads: "laundry?contract=L+7%268" },
  { kind: "overdue", group: "rental", leads: "boards?board=contracts" },
  { kind: "reader_silent", group: "dock-1", only: "dock-1", leads: "readers?reader=dock-1" },
  { kind: "reader_silent", leads: "readers" },
  { kind: "finding_opened", group: "tag_unknown", only: "A", leads: "agreement" },
  { kind: "threshold", only: "/items/missing", leads: "live" },
])("$kind of $only leads to $leads", ({ kind, group = "", only, leads }) => {
  const about = {
    kind,
    group,
    count: only === undefined ? 2 : 1,
    examples: [{ key: only ?? "one of them" }],
  };
  expect(pageLinkOf("https://tagwire.example/", "north", about)).toBe(
    `https://tagwire.example/#/north/${leads}`,
  );
});

test("what no screen shows has no link", () => {
  const about = { kind: "webhook_failing", group: "e", count: 1, examples: [{ key: "e" }] } as const;
  expect(pageLinkOf("https://tagwire.example/", "north", about)).toBeUndefined();
});
