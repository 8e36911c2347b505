import { connect, type Socket } from "node:net";
import type { Page } from "@tagwire/testing";

type Fed = { fedBySerial(bytes: readonly number[]): void; pulledFromSerial(): void };

/**
 * Puts `navigator.serial` into a page. The port is emulated, since headless Chromium has none; what comes in at it and goes out of it are the
 * bytes of a conversation with whatever listens at `address`, cut wherever the network cuts them. What this cannot show is the browser's own
 * list of ports, and a driver.
 */
export const plugInto = async (page: Page, address: () => string) => {
  const opened: number[] = [];
  let socket: Socket | undefined;
  await page.exposeFunction("serialOpens", async (baudRate: number) => {
    opened.push(baudRate);
    const [host = "", port = ""] = address()
      .replace(/^tcp:\/\//, "")
      .split(":");
    socket = connect(Number(port), host);
    socket.on("data", (bytes) => {
      const fed = [...bytes];
      void page.evaluate((told) => (window as unknown as Fed).fedBySerial(told), fed).catch(() => {});
    });
    socket.on("close", () => {
      void page.evaluate(() => (window as unknown as Fed).pulledFromSerial()).catch(() => {});
    });
  });
  await page.exposeFunction("serialSays", (bytes: number[]) => void socket?.write(Buffer.from(bytes)));
  await page.exposeFunction("serialCloses", () => void socket?.destroy());
  await page.addInitScript(() => {
    const rim = window as unknown as Fed & {
      serialOpens(baudRate: number): Promise<void>;
      serialSays(bytes: number[]): Promise<void>;
      serialCloses(): Promise<void>;
    };
    const granted = "test.serial.granted";
    let source: ReadableStreamDefaultController<Uint8Array> | undefined;
    rim.fedBySerial = (bytes) => source?.enqueue(Uint8Array.from(bytes));
    const port = {
      readable: null as ReadableStream<Uint8Array> | null,
      writable: null as WritableStream<Uint8Array> | null,
      open: async ({ baudRate }: { baudRate: number }) => {
        port.readable = new ReadableStream({
          start: (controller) => {
            source = controller;
          },
        });
        port.writable = new WritableStream({ write: (chunk) => rim.serialSays([...chunk]) });
        await rim.serialOpens(baudRate);
      },
      close: async () => {
        source = undefined;
        port.readable = null;
        port.writable = null;
        await rim.serialCloses();
      },
    };
    rim.pulledFromSerial = () => {
      const gone = source;
      source = undefined;
      port.readable = null;
      gone?.error(new DOMException("The device has been lost.", "NetworkError"));
    };
    const serial = Object.assign(new EventTarget(), {
      requestPort: async () => {
        sessionStorage.setItem(granted, "yes");
        return port;
      },
      getPorts: async () => (sessionStorage.getItem(granted) === null ? [] : [port]),
    });
    Object.defineProperty(navigator, "serial", { configurable: true, value: serial });
  });
  return {
    /** The speeds at which the port was opened so far. */
    opened: () => [...opened],
    /** The cable was put back in. */
    plugBack: () =>
      page.evaluate(() => {
        (navigator as unknown as { serial: EventTarget }).serial.dispatchEvent(new Event("connect"));
      }),
  };
};
