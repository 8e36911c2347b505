import type { PastFault } from "@tagwire/messages";
import { expect, test } from "vitest";
import { site, spoolGround } from "../spool/test-spool.ts";
import { updatePasts } from "./reader-past.ts";
import { findReader } from "./readers.ts";

const fault = (at: string, times = 1): PastFault => ({
  ...{ kind: "failure", code: "reader.closed", message: "", advice: "look", at, times },
});
const noon = "2026-06-09T12:00:00.000Z";
const later = "2026-06-09T12:00:10.000Z";

test("a reader's past is as it was last told, and whoever tells it late takes nothing back", async () => {
  await using at = await spoolGround();
  const { number, id } = at.stored;
  const past = async () => {
    const { lastReadAt, pastFaults } = (await findReader(at.sql, site, id)) ?? {};
    return { lastReadAt: lastReadAt?.toISOString() ?? null, faults: pastFaults };
  };
  expect(await past()).toEqual({ lastReadAt: null, faults: [] });
  await updatePasts(at.sql, [{ number, lastReadAt: null, faults: [] }]);
  expect(await past()).toEqual({ lastReadAt: null, faults: [] });

  const newest = { lastReadAt: later, faults: [fault(later, 2), fault(noon)] };
  await updatePasts(at.sql, [{ number, lastReadAt: noon, faults: [fault(noon)] }]);
  await updatePasts(at.sql, [
    { number, ...newest },
    { number: number + 1, ...newest },
  ]);
  expect(await past()).toEqual(newest);
  await updatePasts(at.sql, [{ number, lastReadAt: noon, faults: [fault(noon)] }]);
  await updatePasts(at.sql, [{ number, lastReadAt: null, faults: [] }]);
  expect(await past()).toEqual(newest);
});
