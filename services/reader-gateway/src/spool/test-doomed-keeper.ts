import { openStore } from "@tagwire/store";
import { quietLog } from "@tagwire/testing";
import { countFrame } from "../actors/ledger.ts";
import { schema } from "../store/migrations.ts";
import { findReader } from "../store/readers.ts";
import { openTallyShelf } from "./tally-book.ts";
import { heard, site, tally, testKeeper, withheldAnswers } from "./test-spool.ts";

/*
 * A process with a keeper in it, for a test to kill: `test-doomed-keeper.ts <database url> <answers> <tallies>`. Reader `dock` hears tags at four
 * antennas without end. Of the first `answers` saves the keeper hears that they are made; of the next one it never does, and
 * says so: "unanswered". With -1 it hears all of them. Into the folder `tallies`, where one is
 * named, goes what it takes, and of each frame that is written down it says: "took".
 */
const [url = "", answers = "-1", tallies = ""] = process.argv.slice(2);
const tagsPerFrame = 20;

const { sql } = await openStore<unknown>({ url, schema, name: "doomed", log: quietLog() });
const stored = await findReader(sql, site, "dock");
if (stored === undefined) throw new Error("no reader");
const tell = () => void process.stdout.write("unanswered\n");
const { keeper } = testKeeper(Number(answers) < 0 ? sql : withheldAnswers(sql, Number(answers) + 1, tell), {
  shelf: tallies === "" ? undefined : openTallyShelf(tallies, quietLog()),
});
const dock = keeper.open(stored);

for (let frame = 0; ; frame += 1) {
  const antenna = 1 + (frame % 4);
  const next = 1 + ((frame + 1) % 4);
  keeper.took(dock, {
    frames: 1,
    malformed: 0,
    reads: new Map([
      [antenna, 2 * tagsPerFrame + 3],
      [next, tagsPerFrame],
    ]),
  });
  dock.ledger = countFrame(dock.ledger, [
    tally(2 * tagsPerFrame + 3, { unwanted: 2, impossible: 1 }, antenna),
    tally(tagsPerFrame, {}, next),
  ]);
  const readsBy = new Map([
    [antenna, 2],
    [next, 1],
  ]);
  const tags = Array.from({ length: tagsPerFrame }, (_, index) => `${process.pid}.${frame}.${index}`);
  const sightings = tags.map((tag) => heard(tag, 3, readsBy));
  keeper.add(
    dock,
    sightings.map((one) => ({ ...one, observation: { ...one.observation, antenna, stray: "few" as const } })),
  );
  await new Promise((resolve) => setImmediate(resolve));
  if (tallies !== "") process.stdout.write("took\n");
  if (keeper.room() < tagsPerFrame) await keeper.settled([dock], 1_000);
}
