import { Fault } from "@tagwire/messages";
import type { DriverHost, DriverSettings } from "../driver.ts";
import { firstAnswer } from "../line/first-answer.ts";
import type { Judgement, Line, Question } from "../line/line.ts";
import { orRefused } from "../line/or-refused.ts";
import { commands, encodeFrame, type UhfFrame } from "./frames.ts";
import type { UhfLimits } from "./limits.ts";
import { channelsOf } from "./regions.ts";
import { status, statusFault } from "./status.ts";
import { type EntryForm, form18, form288 } from "./tag-entries.ts";

/** What the two families do differently. */
export type UhfFamily = {
  readonly name: string;
  readonly form: EntryForm;
  readonly antennasMax: number;
  readonly powerDbmMax: number;
  /** Leaves the mode in which the reader speaks unasked. */
  readonly answerMode: { readonly command: number; readonly data: readonly number[] };
  readonly inventory: (antenna: number, round: AskedRound) => readonly number[];
};

/** How a round is asked for; `asksTid` has tags tell their TID too, where the family can. */
export type AskedRound = { readonly session: number; readonly roundMs: number; readonly asksTid: boolean };

const stepMs = 100;
const q = 4;
/** Chips of Impinj tell their TID behind the EPC when this is set (FastID). Source: UR-series manual 1.14, section 8.2.1. */
const fastId = 0x20;
const epcBank = 1;

export const uhf18: UhfFamily = {
  name: "UHFReader18",
  form: form18,
  antennasMax: 1,
  powerDbmMax: 30,
  answerMode: { command: commands.workMode18, data: [0, 0, 1, 0, 1, 0] },
  inventory: () => [],
};

/** Q with its flags, session, an empty mask, target A, the antenna, and for how long. */
export const uhf288: UhfFamily = {
  name: "UHFReader288",
  form: form288,
  antennasMax: 4,
  powerDbmMax: 33,
  answerMode: { command: commands.workMode288, data: [0] },
  inventory: (antenna, { session, roundMs, asksTid }) => [
    asksTid ? q | fastId : q,
    session,
    epcBank,
    0,
    0,
    0,
    0,
    0x7f + antenna,
    roundMs / stepMs,
  ],
};

type Named = { readonly name: string; readonly command: number; readonly data?: readonly number[] };

const question = ({ name, command, data = [] }: Named): Question<UhfFrame> => ({
  name,
  bytes: encodeFrame(command, data),
  judge: (frame): Judgement => {
    const isRefusal = frame.command === commands.refused && frame.status !== status.ok;
    if (frame.command !== command && !isRefusal) return "other";
    return frame.status === status.ok ? "answer" : statusFault(frame.status, name);
  },
});

const tolerantly = async <Said>(line: Line<UhfFrame>, asked: Promise<Said>): Promise<Said | undefined> => {
  try {
    return await asked;
  } catch (fault) {
    const isRefusal = fault instanceof Fault && ["reader.error", "reader.settings"].includes(fault.code);
    if (line.hasEnded || !isRefusal) throw fault;
    return undefined;
  }
};

export const askInfo = (line: Line<UhfFrame>): Promise<UhfFrame> =>
  line.ask(question({ name: "reader information", command: commands.info }));

const types: ReadonlyMap<number, { readonly model: string; readonly form: EntryForm }> = new Map([
  [0x09, { model: "UHFReader18", form: form18 }],
  [0x0c, { model: "UHFReader288", form: form288 }],
  [0x0f, { model: "UHFReader86", form: form288 }],
  [0x10, { model: "UHFReader86", form: form288 }],
]);
const infoLength = 8;

const identify = ({ data }: UhfFrame, family: UhfFamily, host: DriverHost): void => {
  if (data.length < infoLength) throw new Fault("reader.garbled", "the reader information is too short");
  const type = types.get(data[2] as number);
  if (type !== undefined && type.form !== family.form)
    throw new Fault(
      "reader.settings",
      `this is a ${type.model}, which writes tags otherwise; choose its driver`,
    );
  const model = type?.model ?? family.name;
  host.notice({ kind: "identified", model, firmware: `${data[0]}.${data[1]}`, antennas: family.antennasMax });
};

const setRegion = async (line: Line<UhfFrame>, { region }: DriverSettings): Promise<void> => {
  if (region === undefined) return;
  const channels = channelsOf(region);
  if (channels === undefined) throw new Fault("reader.region", `${region} is no region of this family`);
  await orRefused(
    line,
    { what: `region ${region}`, code: "reader.region" },
    line.ask(question({ name: "channels", command: commands.region, data: channels })),
  );
};

const setPower = async (line: Line<UhfFrame>, family: UhfFamily, settings: DriverSettings): Promise<void> => {
  const powers = new Set(
    settings.antennas.map(({ powerDbm }) => powerDbm).filter((power) => power !== undefined),
  );
  if (powers.size > 1)
    throw new Fault("reader.settings", `${family.name} sends with one power at all antennas`);
  for (const powerDbm of powers) {
    const isPossible = Number.isInteger(powerDbm) && powerDbm <= family.powerDbmMax;
    if (!isPossible)
      throw new Fault("reader.settings", `${powerDbm} dBm: whole dBm up to ${family.powerDbmMax} can be set`);
    await orRefused(
      line,
      { what: `${powerDbm} dBm`, code: "reader.settings" },
      line.ask(question({ name: "power", command: commands.power, data: [powerDbm] })),
    );
  }
};

/** Finds out who is there and sets what a round needs. */
export const setUp = async (
  line: Line<UhfFrame>,
  family: UhfFamily,
  told: { readonly settings: DriverSettings; readonly host: DriverHost; readonly limits: UhfLimits },
): Promise<void> => {
  const { settings, host, limits } = told;
  if (settings.antennas.some(({ port }) => port > family.antennasMax))
    throw new Fault("reader.settings", `antennas of ${family.name} end at ${family.antennasMax}`);
  if (settings.session !== undefined && family.form === form18)
    throw new Fault("reader.settings", `${family.name} has no session to set`);
  identify(await firstAnswer(line, () => askInfo(line)), family, host);
  // A clone that does not know the command is never in that mode, or stays in it, and what it pushes is read too.
  await tolerantly(line, line.ask(question({ name: "answer mode", ...family.answerMode })));
  await setRegion(line, settings);
  await setPower(line, family, settings);
  const scanTime = { name: "scan time", command: commands.scanTime, data: [limits.roundMs / stepMs] };
  await tolerantly(line, line.ask(question(scanTime)));
};
