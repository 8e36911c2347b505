import { expect, test } from "vitest";
import { portionMax } from "../in-turns.ts";
import { recordingHost } from "../recording-host.ts";
import { zebraEvents } from "../zebra/events.ts";
import { openDesk } from "./desk.ts";
import { Inbox } from "./inbox.ts";

test("one event of very many tags is read in portions, between which the desk can be left", () => {
  const count = 4 * portionMax + 1;
  let read = 0;
  const tagData = Array.from({ length: count }, (_, index) => ({
    get idHex() {
      read += 1;
      return index.toString(16).padStart(24, "0");
    },
  }));
  const host = recordingHost();
  const settings = { address: "", antennas: [] };
  const desk = openDesk({ host, settings, inbox: new Inbox(), reading: zebraEvents });
  const taking = desk([{ event: { type: "dataEVT", data: { tagData } }, text: "of the test" }]);
  let most = 0;
  for (let [before, step] = [0, taking.next()]; step.done !== true; step = taking.next()) {
    most = Math.max(most, read - before);
    before = read;
  }
  expect(most).toBe(portionMax);
  expect(host.reads).toHaveLength(count);
});
