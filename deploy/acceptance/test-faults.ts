import type { SeededFault } from "./test-fault.ts";
import { auditFaults } from "./test-faults-audit.ts";
import { faultsOnBothSides } from "./test-faults-both.ts";
import { liveFaults } from "./test-faults-live.ts";
import { logFaults } from "./test-faults-log.ts";
import { pictureFaults } from "./test-faults-picture.ts";
import { recordFaults } from "./test-faults-record.ts";

/** Lives are folded again: wherever the record or its log is not what it was, they say so besides. */
const toldByLives = (fault: SeededFault): SeededFault => ({
  ...fault,
  also: [...(fault.also ?? []), "state_unexplained"],
});

/** What boards show is folded again, too: where a log was changed, the rows that were made of it as it was are something else. */
const toldByBoards = (fault: SeededFault): SeededFault => ({
  ...fault,
  also: [...(fault.also ?? []), "field_diff"],
});

/** Every way to write to a store. Each is made at a random row of those that nobody scans meanwhile. */
export const seededFaults: readonly SeededFault[] = [
  ...pictureFaults,
  ...auditFaults,
  ...[...recordFaults, ...logFaults.map(toldByBoards), ...faultsOnBothSides].map(toldByLives),
];

/** What is made while everybody scans: there, and by devices, readers, people and the house. */
export const faultsUnderLoad: readonly Omit<SeededFault, "seed">[] = [...seededFaults, ...liveFaults];
