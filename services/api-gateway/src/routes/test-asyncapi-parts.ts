import type { Json, Members } from "./asyncapi-schemas.ts";

type Named = Record<string, Json>;
/** An AsyncAPI document as far as it is cut. */
export type Referring = {
  readonly channels: Record<string, { address: string | null; messages: Named }>;
  readonly operations: Record<string, { action: string; channel: Json; reply?: Json }>;
  readonly components: { readonly messages: Named; readonly schemas: Named; readonly securitySchemes: Named };
};

/** Everything that is referred to, by its path: `components/messages/scan.record`. */
export const referencesIn = (value: unknown): readonly string[] =>
  [...JSON.stringify(value).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);

/** What a part needs of the whole besides its own channels: some messages of other channels, and components. */
const gather = (whole: Referring, own: ReadonlySet<string>): Referring => {
  const channels: Referring["channels"] = {};
  const components: Record<string, Named> = {};
  const operations = Object.fromEntries(
    Object.entries(whole.operations).filter(([, { channel }]) =>
      referencesIn(channel).some((path) => own.has(path.slice("channels/".length))),
    ),
  );
  const met = new Set<string>();
  const meet = (path: string): void => {
    if (met.has(path)) return;
    met.add(path);
    const [room = "", kind = "", ...rest] = path.split("/");
    if (room === "channels") {
      const channel = whole.channels[kind];
      if (channel === undefined) throw new Error(`no channel ${kind}`);
      const [, message] = rest;
      const isWhole = own.has(kind);
      channels[kind] ??= { ...channel, messages: isWhole ? channel.messages : {} };
      const here = channels[kind];
      if (message !== undefined) here.messages[message] = channel.messages[message] as Json;
      for (const next of referencesIn(here)) meet(next);
    }
    if (room !== "components") return;
    const [name = ""] = rest;
    const all = whole.components as Readonly<Record<string, Named>>;
    components[kind] ??= {};
    components[kind][name] = all[kind]?.[name] as Json;
    for (const next of referencesIn(components[kind][name])) meet(next);
  };
  for (const name of own) meet(`channels/${name}`);
  for (const path of referencesIn(operations)) meet(path);
  const { securitySchemes } = whole.components;
  return {
    ...whole,
    channels,
    operations,
    components: { messages: {}, schemas: {}, ...components, securitySchemes },
  };
};

/**
 * Cuts a document into documents of so many channels at most, each with the operations on them and all that these refer to; where
 * answers go comes with what is answered. What judges a document takes ten times as long for one twice as large, and all of its rules
 * are about one thing and what that refers to.
 */
export const partsOf = (whole: Referring, channelsMax: number): readonly Referring[] => {
  const names = [
    ...new Set(Object.values(whole.operations).flatMap(({ channel }) => referencesIn(channel))),
  ].map((path) => path.slice("channels/".length));
  const starts = Array.from({ length: Math.ceil(names.length / channelsMax) }, (_, at) => at * channelsMax);
  return starts.map((start) => gather(whole, new Set(names.slice(start, start + channelsMax))));
};

/** The paths of all that stands in a document: its channels, their messages, its operations, its components. */
export const pathsIn = ({ channels, operations, components }: Referring): readonly string[] => {
  const under = (path: string, members: Readonly<Members>) =>
    Object.keys(members).map((name) => `${path}/${name}`);
  return [
    ...Object.entries(channels).flatMap(([name, { messages }]) => [
      `channels/${name}`,
      ...under(`channels/${name}`, messages),
    ]),
    ...Object.keys(operations).map((name) => `operations/${name}`),
    ...Object.entries(components).flatMap(([kind, members]) => under(`components/${kind}`, members)),
  ];
};
