import { findParameter, type Parameter, type ParameterOf } from "@tagwire/llrp";
import { Inventory, type InventoryHost } from "./inventory.ts";
import { badField, badMessageField, plainRefusal, type Refusal, tooMany } from "./refusal.ts";
import { isRefusal, type ReportPlan, type RoSpecPlan, roSpecPlan } from "./rospec-plan.ts";

type RoSpecRow = {
  readonly spec: ParameterOf<"ROSpec">;
  readonly plan: RoSpecPlan;
  isEnabled: boolean;
  inventory: Inventory | undefined;
  startTimer: NodeJS.Timeout | undefined;
};

export type SpecRoomHost = Pick<InventoryHost, "world" | "antennas" | "nowMs" | "report"> & {
  readonly started: (roSpecId: number) => void;
  readonly ended: (roSpecId: number) => void;
  readonly aiSpecEnded: (roSpecId: number, specIndex: number) => void;
  readonly defaultReport: () => ReportPlan;
};

export type SpecRoomLimits = {
  readonly antennas: number;
  readonly maxRoSpecs: number;
  readonly maxAccessSpecs: number;
  readonly roundMs: number;
};

const states = { disabled: 0, inactive: 1, active: 2 } as const;

/** The ROSpecs and AccessSpecs of a reader, and which of them runs. Every verb answers with a refusal or with nothing. */
export class SpecRoom {
  readonly #limits: SpecRoomLimits;
  readonly #host: SpecRoomHost;
  readonly #roSpecs = new Map<number, RoSpecRow>();
  readonly #accessSpecs = new Map<number, ParameterOf<"AccessSpec">>();

  constructor(limits: SpecRoomLimits, host: SpecRoomHost) {
    this.#limits = limits;
    this.#host = host;
  }

  addRoSpec(spec: ParameterOf<"ROSpec">): Refusal | undefined {
    const plan = roSpecPlan(spec, this.#limits.antennas);
    if (isRefusal(plan)) return plan;
    if (this.#roSpecs.has(plan.roSpecId)) return badField(["ROSpec"], 1, `ROSpec ${plan.roSpecId} exists`);
    if (this.#roSpecs.size >= this.#limits.maxRoSpecs) return tooMany("ROSpec", "no room for another ROSpec");
    this.#roSpecs.set(plan.roSpecId, {
      spec,
      plan,
      isEnabled: false,
      inventory: undefined,
      startTimer: undefined,
    });
    return undefined;
  }

  deleteRoSpec(roSpecId: number): Refusal | undefined {
    return this.#each(roSpecId, (row) => {
      this.#halt(row);
      this.#roSpecs.delete(row.plan.roSpecId);
    });
  }

  enableRoSpec(roSpecId: number): Refusal | undefined {
    return this.#each(roSpecId, (row) => {
      if (row.isEnabled) return;
      row.isEnabled = true;
      if (row.plan.startTrigger === 1) this.#start(row);
      if (row.plan.startTrigger === 2) this.#startPeriodically(row, row.plan.startOffsetMs);
    });
  }

  disableRoSpec(roSpecId: number): Refusal | undefined {
    return this.#each(roSpecId, (row) => {
      this.#halt(row);
      row.isEnabled = false;
    });
  }

  startRoSpec(roSpecId: number): Refusal | undefined {
    const row = this.#roSpecs.get(roSpecId);
    if (row === undefined) return badMessageField(1, `there is no ROSpec ${roSpecId}`);
    if (!row.isEnabled) return plainRefusal(112, "the ROSpec is disabled");
    if (row.inventory !== undefined) return plainRefusal(112, "the ROSpec is active already");
    this.#start(row);
    return undefined;
  }

  stopRoSpec(roSpecId: number): Refusal | undefined {
    const row = this.#roSpecs.get(roSpecId);
    if (row === undefined) return badMessageField(1, `there is no ROSpec ${roSpecId}`);
    if (row.inventory === undefined) return plainRefusal(112, "the ROSpec is not active");
    this.#end(row);
    return undefined;
  }

  roSpecs(): Parameter[] {
    return [...this.#roSpecs.values()].map((row) => {
      const idle = row.isEnabled ? states.inactive : states.disabled;
      const currentState = row.inventory === undefined ? idle : states.active;
      return { ...row.spec, fields: { ...row.spec.fields, currentState } };
    });
  }

  addAccessSpec(spec: ParameterOf<"AccessSpec">): Refusal | undefined {
    const { accessSpecId, currentState, antennaId } = spec.fields;
    if (accessSpecId === 0) return badField(["AccessSpec"], 1, "AccessSpec 0 means all of them");
    if (antennaId > this.#limits.antennas) return badField(["AccessSpec"], 2, "no such antenna");
    if (currentState) return badField(["AccessSpec"], 4, "an AccessSpec is added disabled");
    if (this.#accessSpecs.has(accessSpecId))
      return badField(["AccessSpec"], 1, `AccessSpec ${accessSpecId} exists`);
    if (this.#accessSpecs.size >= this.#limits.maxAccessSpecs)
      return tooMany("AccessSpec", "no room for another");
    this.#accessSpecs.set(accessSpecId, spec);
    return undefined;
  }

  deleteAccessSpec(accessSpecId: number): Refusal | undefined {
    if (accessSpecId === 0) this.#accessSpecs.clear();
    else if (!this.#accessSpecs.delete(accessSpecId))
      return badMessageField(1, `there is no AccessSpec ${accessSpecId}`);
    return undefined;
  }

  enableAccessSpec(accessSpecId: number, isEnabled: boolean): Refusal | undefined {
    const ids = accessSpecId === 0 ? [...this.#accessSpecs.keys()] : [accessSpecId];
    for (const id of ids) {
      const spec = this.#accessSpecs.get(id);
      if (spec === undefined) return badMessageField(1, `there is no AccessSpec ${id}`);
      this.#accessSpecs.set(id, { ...spec, fields: { ...spec.fields, currentState: isEnabled } });
    }
    return undefined;
  }

  /** What is to be read of each tag that a ROSpec hears; undefined when nothing is. */
  readOf(roSpecId: number): ParameterOf<"C1G2Read"> | undefined {
    const spec = [...this.#accessSpecs.values()].find(
      ({ fields }) => fields.currentState && (fields.roSpecId === 0 || fields.roSpecId === roSpecId),
    );
    const command = spec === undefined ? undefined : findParameter(spec.nested, "AccessCommand");
    return command === undefined ? undefined : findParameter(command.nested, "C1G2Read");
  }

  accessSpecs(): Parameter[] {
    return [...this.#accessSpecs.values()];
  }

  /** GET_REPORT: what waits is sent now. */
  flush(): void {
    for (const row of this.#roSpecs.values()) row.inventory?.flush();
  }

  /** Ends whatever runs as if its time were up. */
  endAll(): void {
    for (const row of this.#roSpecs.values()) if (row.inventory !== undefined) this.#end(row);
  }

  /** Power off: nothing is left and nothing is said. */
  clear(): void {
    for (const row of this.#roSpecs.values()) this.#halt(row);
    this.#roSpecs.clear();
    this.#accessSpecs.clear();
  }

  #each(roSpecId: number, act: (row: RoSpecRow) => void): Refusal | undefined {
    const row = this.#roSpecs.get(roSpecId);
    if (roSpecId !== 0 && row === undefined) return badMessageField(1, `there is no ROSpec ${roSpecId}`);
    for (const one of row === undefined ? [...this.#roSpecs.values()] : [row]) act(one);
    return undefined;
  }

  #start(row: RoSpecRow): void {
    const { plan } = row;
    this.#host.started(plan.roSpecId);
    const { world, antennas, nowMs, report } = this.#host;
    row.inventory = new Inventory(plan, plan.report ?? this.#host.defaultReport(), this.#limits.roundMs, {
      world,
      antennas,
      nowMs,
      report,
      aiSpecEnded: (specIndex) => this.#host.aiSpecEnded(plan.roSpecId, specIndex),
      ended: () => {
        row.inventory = undefined;
        this.#host.ended(plan.roSpecId);
      },
    });
  }

  #startPeriodically(row: RoSpecRow, inMs: number): void {
    row.startTimer = setTimeout(() => {
      if (row.inventory === undefined) this.#start(row);
      if (row.plan.startPeriodMs > 0) this.#startPeriodically(row, row.plan.startPeriodMs);
    }, inMs);
  }

  #end(row: RoSpecRow): void {
    row.inventory?.stop();
    row.inventory = undefined;
    this.#host.ended(row.plan.roSpecId);
  }

  #halt(row: RoSpecRow): void {
    clearTimeout(row.startTimer);
    if (row.inventory !== undefined) this.#end(row);
  }
}
