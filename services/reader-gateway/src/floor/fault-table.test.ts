import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { openPty } from "@tagwire/emulators";
import { type DriverName, driverNames, type FaultCode, readerAdvice } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { wayTo } from "../drivers/line-address.ts";
import { stopLater } from "../drivers/test-driver.ts";
import { lifeOf } from "./test-life.ts";

/*
 * What is wrong with whatever stands where a reader should be, and what each driver makes of it: a named fault with advice for the way that
 * the reader is reached, none of it a read, and a further try by itself.
 */

/** What it says whenever somebody connects or speaks to it, and whether it hangs up then. */
type Ill = { readonly says?: Uint8Array; readonly hangsUp?: boolean };

const webServer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
const ills = {
  "is mute": {},
  "hangs up": { hangsUp: true },
  "is a web server": { says: new TextEncoder().encode(webServer), hangsUp: true },
  "says noise": { says: Uint8Array.from({ length: 512 }, (_, index) => (index * 73 + 41) % 256) },
} as const satisfies Record<string, Ill>;
type IllName = keyof typeof ills | "is not there";

const network = async ({ says, hangsUp = false }: Ill): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const speak = (): void => {
      if (says !== undefined && socket.writable) socket.write(says);
      if (hangsUp) socket.end();
    };
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", speak);
    speak();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stopLater(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A port where somebody was, and nobody is now. */
const nobody = async (): Promise<string> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
};

/** At a serial port nobody sees who opens it: it answers what it is told. */
const serial = async ({ says, hangsUp = false }: Ill): Promise<string> => {
  const pty = await openPty(() => {
    if (says !== undefined) pty.write(says);
    if (hangsUp) void pty.close();
  });
  stopLater(pty.close);
  return pty.path;
};

const overNetwork = async (ill: IllName): Promise<string> =>
  ill === "is not there" ? nobody() : network(ills[ill]);
const overSerial = async (ill: IllName): Promise<string> =>
  ill === "is not there" ? "/dev/tagwire-no-such-port" : serial(ills[ill]);
const overHttp = async (ill: IllName): Promise<string> => `http://${await overNetwork(ill)}`;

/** What each ill is called. A reader of lines may be silent all day, and nothing is asked of it. */
type Faults = Readonly<Partial<Record<IllName, string>>>;
type Row = readonly [driver: DriverName, way: (ill: IllName) => Promise<string>, faults: Faults];

const alike: Faults = {
  "is not there": "reader.unreachable",
  "is mute": "reader.silent",
  "hangs up": "reader.closed",
  "is a web server": "reader.garbled",
  "says noise": "reader.garbled",
};
/** Nobody sees a serial port hang up: it is mute, or gone as a device is that is unplugged. */
const atPort: Faults = {
  "is not there": "reader.unreachable",
  "is mute": "reader.silent",
  "says noise": "reader.garbled",
};
const table: readonly Row[] = [
  ["llrp", overNetwork, alike],
  ["mercury", overSerial, atPort],
  ["m100", overSerial, atPort],
  ["uhf18", overSerial, atPort],
  ["uhf18", overNetwork, alike],
  ["uhf288", overSerial, atPort],
  ["uhf288", overNetwork, alike],
  ["tsl", overSerial, atPort],
  ["tsl", overNetwork, alike],
  ["lines", overSerial, { "is not there": "reader.unreachable" }],
  ["lines", overNetwork, { "is not there": "reader.unreachable", "hangs up": "reader.closed" }],
  ["impinj", overHttp, alike],
];

/** The first fault that such a reader is shown with; it is tried again before that is told. */
const faultOf = async ([driver, way]: Row, ill: IllName): Promise<string> => {
  const address = await way(ill);
  const { life } = lifeOf(drivers);
  stopLater(life.stop);
  await life.apply({ driver, address, antennas: [], station: null });
  life.start();
  const fault = await eventually(`${driver} whose reader ${ill} is tried again`, () => {
    const failures = life.view(0).faults?.filter(({ kind }) => kind === "failure") ?? [];
    const times = failures.reduce((sum, one) => sum + one.times, 0);
    return times > 1 ? failures.at(-1) : undefined;
  });
  const { reads } = life.view(0).counts;
  expect({ driver, ill, reads, advice: fault.advice }).toEqual({
    ...{ driver, ill, reads: 0 },
    advice: readerAdvice(fault.code as FaultCode, wayTo(address)),
  });
  return fault.code;
};

test("whatever stands where a reader should be, its fault has a name and advice, and it is tried again", async () => {
  const told = await Promise.all(
    table.map(async (row) => {
      const faults = Object.keys(row[2]) as IllName[];
      return Object.fromEntries(
        await Promise.all(faults.map(async (ill) => [ill, await faultOf(row, ill)] as const)),
      );
    }),
  );
  expect(told).toEqual(table.map(([, , faults]) => faults));
});

test("every driver that goes to its reader is in the table", () => {
  const comesToUs = new Set<DriverName>(["zebra", "replay", "training"]);
  expect(new Set(table.map(([driver]) => driver))).toEqual(
    new Set(driverNames.filter((name) => !comesToUs.has(name))),
  );
});
