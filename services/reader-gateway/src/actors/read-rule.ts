import type { ReadRules } from "@tagwire/messages";
import type { ProofRule } from "./proof.ts";
import type { MoveRule } from "./whereabouts.ts";

/** What the reads of an antenna are held to: {@link ReadRules} with nothing left open. */
export type ReadRule = ProofRule & MoveRule & Required<ReadRules>;

/** The rule of EdgeX's RFID inventory for where a tag is, and a tag that stays is said once a minute. */
export const defaultRule: ReadRule = {
  minRssiDbm: null,
  minReads: 1,
  windowMs: 1_000,
  dwellMs: 0,
  moveThresholdDb: 6,
  moveHoldOffMs: 500,
  reReportMs: 60_000,
  departMs: 600_000,
  tags: [],
  identity: "epc",
};

/** Whoever begins a session at a station waits no longer than this for what lies there already, in ms. */
export const sessionReReportMs = 5_000;
