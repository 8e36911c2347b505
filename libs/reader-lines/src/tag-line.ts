/** What one line says. */
export type Said =
  | {
      readonly kind: "tag";
      readonly epc: string;
      /** 0 where what is told is no port; undefined where none is told. */
      readonly antenna: number | undefined;
      readonly rssiDbm: number | null;
      readonly tid: string | undefined;
    }
  /** That the reader lives. */
  | { readonly kind: "alive" }
  | { readonly kind: "unreadable"; readonly no: string };

type Fields = {
  readonly epc: string;
  readonly antenna?: string | undefined;
  readonly rssi?: string | undefined;
  readonly tid?: string | undefined;
};

/** Shorter ones are a number that happens to look like one; longer ones no tag can have. */
const epcDigits = { min: 16, max: 128 } as const;
const antennaMax = 64;
/** What is told and is no port is nobody's antenna, and least of all the first one. */
const noPort = 0;
const rssiMinDbm = -128;

const isHex = (text: string): boolean => /^(?:[0-9a-fA-F]{2})+$/.test(text);
const isEpc = (text: string): boolean =>
  text.length >= epcDigits.min && text.length <= epcDigits.max && isHex(text);

const portOf = (told: string | undefined): number | undefined => {
  if (told === undefined || told.trim() === "") return undefined;
  const port = /^\d{1,2}$/.test(told.trim()) ? Number(told) : noPort;
  return port <= antennaMax ? port : noPort;
};

const tagOf = ({ epc, antenna, rssi, tid }: Fields): Said => {
  const digits = epc.replace(/^(0x|epc\s*[:=])/i, "").replaceAll(/[\s-]/g, "");
  if (!isEpc(digits)) return { kind: "unreadable", no: "an EPC that is no hex of 16 digits and more" };
  const strength = /^[+-]?\d{1,3}(\.\d{1,3})?$/.test(rssi ?? "") ? Number(rssi) : Number.NaN;
  return {
    kind: "tag",
    epc: digits.toUpperCase(),
    antenna: portOf(antenna),
    rssiDbm: strength >= rssiMinDbm && strength <= 20 ? strength : null,
    tid: tid !== undefined && tid !== "" && isHex(tid) ? tid.toUpperCase() : undefined,
  };
};

const alive: Said = { kind: "alive" };

/** By what the fields are called, whatever the case: Speedway Connect's names, and what others call the same. */
const named = (values: ReadonlyMap<string, string>): Said => {
  const value = (...names: readonly string[]): string | undefined =>
    names.map((name) => values.get(name)).find((found) => found !== undefined);
  if (value("isheartbeat", "heartbeat") === "true") return alive;
  const epc = value("epc", "epchex", "id");
  if (epc === undefined) return { kind: "unreadable", no: "a line without an EPC" };
  return tagOf({
    epc,
    antenna: value("antennaport", "antenna", "ant"),
    rssi: value("peakrssi", "rssi", "peakrssidbm"),
    tid: value("tid"),
  });
};

const json = (line: string): Said => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.replace(/,$/, ""));
  } catch {
    return { kind: "unreadable", no: "a line that begins as JSON and is none" };
  }
  if (typeof parsed !== "object" || parsed === null)
    return { kind: "unreadable", no: "JSON that is no object" };
  const plain = Object.entries(parsed).flatMap(([key, value]) =>
    ["string", "number", "boolean"].includes(typeof value)
      ? [[key.toLowerCase(), String(value)] as const]
      : [],
  );
  return named(new Map(plain));
};

const separators = /[,;|\t]/;

/** `key=value` or `key:value`, apart by commas or the like. */
const pairs = (line: string): Said =>
  named(
    new Map(
      line.split(separators).flatMap((part) => {
        const [, key, told] = /^(\w+)\s*[=:](.*)$/.exec(part.trim()) ?? [];
        // Blanks that may belong to several parts of one pattern are tried in every way: a line of them would take a fifth of a second.
        const value = told?.trim().replace(/^"/, "").replace(/"$/, "");
        const isPair = key !== undefined && value !== undefined && !value.includes('"');
        return isPair ? [[key.toLowerCase(), value] as const] : [];
      }),
    ),
  );

/** Values alone: a small number before the EPC is the antenna; what looks like a TID or a strength behind it is that. */
const values = (line: string): Said => {
  const fields = line.split(separators).map((field) => field.trim());
  if (fields.some((field) => /^(\*|heartbeat)$/i.test(field))) return alive;
  const at = fields.findIndex(isEpc);
  if (at < 0) return { kind: "unreadable", no: "a line without an EPC" };
  const behind = fields.slice(at + 1);
  const before = fields[at - 1];
  return tagOf({
    epc: fields[at] as string,
    // Without a name anything may stand there; only a small number says that it is one.
    antenna: before !== undefined && /^\d{1,2}$/.test(before) ? before : undefined,
    tid: behind.find((field) => isEpc(field) && /^E[02]/i.test(field)),
    rssi: behind.find((field) => /^-\d{1,3}(\.\d+)?$/.test(field)),
  });
};

const hasPair = /^\s*\w+\s*[=:]/;

/**
 * Reads a line of a plain reader: an EPC in hex, or what Speedway Connect writes, as JSON, as `key=value` pairs or as values apart by
 * commas. Pure; nothing is thrown whatever the line is.
 */
export const readTagLine = (line: string): Said => {
  if (line === "") return alive;
  if (line.startsWith("{")) return json(line);
  if (!separators.test(line)) return tagOf({ epc: line });
  return hasPair.test(line) ? pairs(line) : values(line);
};
