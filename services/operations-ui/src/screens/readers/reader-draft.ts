import type {
  Antenna,
  PatchReader,
  PortalSide,
  Reader,
  ReaderAbilities,
  ReaderRegion,
} from "@tagwire/messages";
import { abilitiesOf } from "@tagwire/messages";

/** An antenna as it stands in the fields; empty where nothing is said. */
export type AntennaDraft = {
  /** What it is known by while it is edited: ports are edited too. */
  readonly key: number;
  readonly port: string;
  readonly place: string;
  readonly station: string;
  readonly side: PortalSide | "";
  readonly powerDbm: string;
  /** Has no field here and stays as it is. */
  readonly role?: string;
};

export type ReaderDraft = {
  readonly address: string;
  readonly region: ReaderRegion | "";
  readonly session: string;
  readonly station: string;
  readonly powerDbm: string;
  readonly username: string;
  readonly password: string;
  readonly antennas: readonly AntennaDraft[];
};

/** The settings of a reader, as it shows them. */
export type SetReader = Pick<
  Reader,
  "driver" | "address" | "region" | "session" | "station" | "login" | "antennas"
>;

const powerMostDbm = 36;

const powerText = (powerDbm: number | undefined): string => (powerDbm === undefined ? "" : String(powerDbm));

const draftOfAntenna = ({ port, place, station, side, powerDbm, role }: Antenna): AntennaDraft => ({
  key: port,
  port: String(port),
  place: place ?? "",
  station: station ?? "",
  side: side ?? "",
  powerDbm: powerText(powerDbm),
  ...(role === undefined ? {} : { role }),
});

/** What the fields say before anybody has touched them. */
export const draftOf = (reader: SetReader): ReaderDraft => ({
  address: reader.address ?? "",
  region: reader.region ?? "",
  session: reader.session === undefined ? "" : String(reader.session),
  station: reader.station ?? "",
  powerDbm: powerText(reader.antennas.find(({ powerDbm }) => powerDbm !== undefined)?.powerDbm),
  username: reader.login?.username ?? "",
  password: "",
  antennas: reader.antennas.toSorted((one, other) => one.port - other.port).map(draftOfAntenna),
});

/** One antenna more, at the lowest port that is free. */
export const withAntenna = (antennas: readonly AntennaDraft[]): readonly AntennaDraft[] => {
  const used = new Set(antennas.map(({ port }) => Number(port)));
  let port = 1;
  while (used.has(port)) port += 1;
  const key = Math.max(0, ...antennas.map((one) => one.key)) + 1;
  return [...antennas, { key, port: String(port), place: "", station: "", side: "", powerDbm: "" }];
};

class Wrong extends Error {}

const powerOf = (text: string): number | undefined => {
  const written = text.trim().replace(",", ".");
  if (written === "") return undefined;
  const powerDbm = Number(written);
  if (powerDbm >= 0 && powerDbm <= powerMostDbm) return powerDbm;
  throw new Wrong(`Power is a number from 0 to ${powerMostDbm} (dBm).`);
};

const antennaOf = (
  { port: written, place, station, side, role }: AntennaDraft,
  powerDbm: number | undefined,
  { antennasMax }: ReaderAbilities,
): Antenna => {
  const port = Number(written.trim());
  if (!Number.isInteger(port) || port < 1 || port > antennasMax)
    throw new Wrong(
      antennasMax === 1
        ? "It has one antenna, at port 1."
        : `A port is a whole number from 1 to ${antennasMax}.`,
    );
  return {
    port,
    ...(place.trim() === "" ? {} : { place: place.trim() }),
    ...(role === undefined ? {} : { role }),
    ...(powerDbm === undefined ? {} : { powerDbm }),
    ...(station === "" ? {} : { station }),
    ...(side === "" ? {} : { side }),
  };
};

/** A reader that sends with one power has it at each of its antennas. Where none is named and there is only one, it is that. */
const antennasOfDraft = (draft: ReaderDraft, abilities: ReaderAbilities): Antenna[] => {
  const { power, antennasMax } = abilities;
  const ofAll = power === "one" ? powerOf(draft.powerDbm) : undefined;
  const antennas = draft.antennas.map((one) =>
    antennaOf(one, power === "each" ? powerOf(one.powerDbm) : ofAll, abilities),
  );
  const ports = antennas.map(({ port }) => port);
  const twice = ports.find((port, index) => ports.indexOf(port) !== index);
  if (twice !== undefined) throw new Wrong(`Antenna ${twice} is there twice.`);
  if (ofAll === undefined || antennas.length > 0) return antennas;
  if (antennasMax > 1) throw new Wrong("Power is set with antennas: add those that are to be used.");
  return [{ port: 1, powerDbm: ofAll }];
};

const loginOf = (
  before: SetReader,
  { username, password }: ReaderDraft,
): PatchReader["login"] | undefined => {
  const name = username.trim();
  const had = before.login?.username;
  if (name === "" && password !== "") throw new Wrong("A password belongs to a user name.");
  if (name === "") return had === undefined ? undefined : null;
  if (password !== "") return { username: name, password };
  if (name !== had) throw new Wrong("Another user name needs its password.");
  return undefined;
};

const antennaText = (antennas: readonly Antenna[]): string =>
  JSON.stringify(
    antennas
      .map(({ port, place, role, powerDbm, station, side }) => [port, place, role, powerDbm, station, side])
      .toSorted(([one], [other]) => Number(one) - Number(other)),
  );

const changesOf = (before: SetReader, draft: ReaderDraft): PatchReader => {
  const address = draft.address.trim();
  const abilities = abilitiesOf(before.driver, address);
  const region = abilities.regions.includes(draft.region as ReaderRegion)
    ? (draft.region as ReaderRegion)
    : null;
  const session = abilities.hasSession && draft.session !== "" ? Number(draft.session) : null;
  const antennas = antennasOfDraft(draft, abilities);
  const login = abilities.hasLogin ? loginOf(before, draft) : before.login === undefined ? undefined : null;
  return {
    ...(address === (before.address ?? "") ? {} : { address: address === "" ? null : address }),
    ...(region === (before.region ?? null) ? {} : { region }),
    ...(session === (before.session ?? null) ? {} : { session }),
    ...(draft.station === (before.station ?? "") ? {} : { station: draft.station }),
    ...(login === undefined ? {} : { login }),
    ...(antennaText(antennas) === antennaText(before.antennas) ? {} : { antennas }),
  };
};

/**
 * What the fields change, and nothing else: whoever changes something else at the same time keeps it. Or which field is wrong, in words.
 */
export const patchOf = (
  before: SetReader,
  draft: ReaderDraft,
): { readonly patch: PatchReader } | { readonly wrong: string } => {
  try {
    return { patch: changesOf(before, draft) };
  } catch (error) {
    if (error instanceof Wrong) return { wrong: error.message };
    throw error;
  }
};
