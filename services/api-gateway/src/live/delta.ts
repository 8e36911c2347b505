import type { LiveChange, LiveDelta } from "@tagwire/messages";

/** A change with its text made once, however many people get it. */
export type Change = {
  readonly key: string;
  readonly version: number;
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

export const changeOf = (change: LiveChange): Change => ({
  key: change.key,
  version: change.version,
  row: "put" in change ? change.put : undefined,
  text: JSON.stringify(change),
});

/** The same key as gone, for somebody whose filter it no longer meets. */
export const goneOf = ({ key, version }: Change): Change => ({
  key,
  version,
  row: undefined,
  text: JSON.stringify({ key, version, del: true }),
});

export const deltaOf = (said: LiveDelta, heardAtMs: number): Delta => ({
  epoch: said.epoch,
  prev: said.prev,
  pos: said.pos,
  at: said.at,
  changes: said.changes.map(changeOf),
  heardAtMs,
});
