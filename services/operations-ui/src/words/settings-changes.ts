import type { DriverName, PortalSign, ReaderRegion, SettingsChange, StationMode } from "@tagwire/messages";
import { ruleFields } from "../screens/readers/rule-texts.ts";
import { driverWords, regionWords } from "./readers.ts";

/** What a station is for, as people say it. */
export const modeWords: Record<StationMode, string> = {
  zone: "Sees what is there",
  portal: "Portal: sees which way things pass",
  checkout: "Checkout sessions",
  return: "Return sessions",
  count: "Count sessions",
  service: "Service sessions",
  laundry: "Laundry sessions",
};

/** By what it is known which way a thing passes a portal. */
export const signWords: Record<PortalSign, string> = {
  antennas: "Which side hears it first",
  triggers: "Two light barriers",
  trend: "Louder or fainter",
};

type Settings = Readonly<Record<string, unknown>>;

const words: Readonly<Record<string, string>> = {
  driver: "Kind",
  address: "Address",
  station: "Station",
  region: "Region",
  session: "Gen2 session",
  login: "Login",
  place: "Place",
  role: "Role",
  powerDbm: "Power",
  side: "Side",
  mode: "For",
  inside: "Inside",
  outside: "Outside",
  by: "Which way by",
  triggers: "Light barriers at inputs",
  tags: "Wanted tags",
  identity: "A tag's name",
  points: "Corners",
};

const numberText = (value: number): string => String(value).replace(/^-/, "−");
const own = (of: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(of, name) ? (of[name] ?? name) : name;

const ofName: Readonly<Record<string, (name: string) => string>> = {
  driver: (name) => own(driverWords satisfies Record<DriverName, string>, name),
  region: (name) => own(regionWords satisfies Record<ReaderRegion, string>, name),
  mode: (name) => own(modeWords, name),
  by: (name) => own(signWords, name),
};

const isRecord = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const cornerText = (corner: unknown): string =>
  isRecord(corner) ? `${String(corner.x)},${String(corner.y)}` : String(corner);

/** A value as people read it, by the name of what it is of. */
const valueText = (name: string, value: unknown): string => {
  if (value === undefined || value === null || value === "") return "not set";
  const rule = ruleFields.find((field) => field.name === name);
  if (rule !== undefined && typeof value === "number")
    return `${numberText(value / rule.perUnit)} ${rule.unit}`;
  if (typeof value === "number") return name === "powerDbm" ? `${numberText(value)} dBm` : numberText(value);
  if (typeof value === "string") return ofName[name]?.(value) ?? value;
  if (name === "points" && Array.isArray(value)) return `${value.map(cornerText).join(" ")} m`;
  if (Array.isArray(value)) return value.map((one) => valueText("", one)).join(", ");
  if (isRecord(value))
    return Object.entries(value)
      .map(([key, one]) => `${key} ${valueText(key, one)}`)
      .join(", ");
  return String(value);
};

const wordOf = (name: string): string =>
  words[name] ?? ruleFields.find((field) => field.name === name)?.word ?? name;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Each member that is another, `Power: 24 dBm → 27 dBm`; `of` stands before it. */
const membersText = (was: Settings, now: Settings, of = ""): string[] =>
  [...new Set([...Object.keys(was), ...Object.keys(now)])]
    .filter((name) => !same(was[name], now[name]))
    .map((name) => {
      const word = wordOf(name);
      const said = of === "" ? word : `${of}, ${word.toLowerCase()}`;
      return `${said}: ${valueText(name, was[name])} → ${valueText(name, now[name])}`;
    });

const byPort = (antennas: unknown): Map<string, Settings> =>
  new Map(
    (Array.isArray(antennas) ? antennas : [])
      .filter(isRecord)
      .map(({ port, ...rest }) => [String(port), rest] as const),
  );

const antennasText = (was: unknown, now: unknown): string[] => {
  const [before, after] = [byPort(was), byPort(now)];
  const ports = [...new Set([...before.keys(), ...after.keys()])].toSorted(
    (one, other) => Number(one) - Number(other),
  );
  return ports.flatMap((port) => {
    const [old, anew] = [before.get(port), after.get(port)];
    const name = `Antenna ${port}`;
    if (anew === undefined) return [`${name} is not named any more`];
    const added = old === undefined ? [`${name} is named`] : [];
    return [...added, ...membersText(old ?? {}, anew, name)];
  });
};

const keyText = (was: unknown, now: unknown): string[] => {
  if (same(was, now)) return [];
  if (now === undefined) return ["Its own key was ended"];
  return [was === undefined ? "Got a key of its own" : "Got another key; the one before ended"];
};

const switchText = (was: unknown, now: unknown): string[] => {
  if (same(was, now) || typeof was !== "boolean") return [];
  return [now === true ? "Started" : "Stopped"];
};

/** What a change of the settings of a reader, a station or a zone did, each in a line. */
export const settingsTexts = ({ was, now }: Pick<SettingsChange, "was" | "now">): string[] => {
  if (now === null) return ["Removed"];
  const { antennas, rules, portal, enabled, keyMadeAt, id: _, ...rest } = now;
  const before: Settings = was ?? {};
  const {
    antennas: _a,
    rules: oldRules,
    portal: oldPortal,
    enabled: _e,
    keyMadeAt: _k,
    id: _i,
    ...old
  } = before;
  const record = (value: unknown): Settings => (isRecord(value) ? value : {});
  return [
    ...(was === null ? ["Added"] : []),
    ...membersText(old, rest),
    ...membersText(record(oldPortal), record(portal)),
    ...antennasText(before.antennas, antennas),
    ...membersText(record(oldRules), record(rules), "Rules"),
    ...keyText(before.keyMadeAt, keyMadeAt),
    ...switchText(before.enabled, enabled),
  ];
};
