import { expect, test } from "vitest";
import { Inbox } from "./json/inbox.ts";
import { runDriver } from "./test-driver.ts";
import { zebraDriver } from "./zebra.ts";

const nested = (depth: number): unknown =>
  JSON.parse(`{"type":"error","data":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`);

test("an event that nests without end costs only itself", () => {
  const inbox = new Inbox();
  const { host } = runDriver(zebraDriver, { address: "", inbox });
  const tag = { idHex: "E28011700001" };
  expect(inbox.bring([nested(100_000), tag, nested(20)])).toEqual({ taken: 2, malformed: 1, repeated: 0 });
  expect(host.reads.map(({ epc }) => epc)).toEqual([tag.idHex]);
});
