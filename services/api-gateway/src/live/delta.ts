import type { LiveChange, LiveDelta } from "@tagwire/messages";

/** A change with its text made once, however many people get it. */
export type Change = {
  readonly key: string;
  readonly version: number;
  /** The position from which on it holds: who stands there or further has it. */
  readonly pos: number;
  readonly row: Readonly<Record<string, unknown>> | undefined;
  readonly text: string;
};

/** What an owner said on `live.<site>.<view>`, made ready for fan-out. */
export type Delta = {
  readonly epoch: number;
  readonly prev: number;
  readonly pos: number;
  readonly at: string;
  readonly changes: readonly Change[];
  readonly heardAtMs: number;
};

export const changeOf = (change: LiveChange, pos: number): Change => ({
  key: change.key,
  version: change.version,
  pos,
  row: "put" in change ? change.put : undefined,
  text: JSON.stringify(change),
});

/** The same key as gone, for somebody whose filter it no longer meets. */
export const goneOf = ({ key, version, pos }: Change): Change => ({
  key,
  version,
  pos,
  row: undefined,
  text: JSON.stringify({ key, version, del: true }),
});

/** Events are told with their own positions as versions, and one delta carries many; a row holds from its delta on. */
export const deltaOf = (said: LiveDelta, heardAtMs: number, isMerged = true): Delta => ({
  epoch: said.epoch,
  prev: said.prev,
  pos: said.pos,
  at: said.at,
  changes: said.changes.map((change) => changeOf(change, isMerged ? said.pos : change.version)),
  heardAtMs,
});
