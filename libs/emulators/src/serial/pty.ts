import { type IPty, spawn } from "@lydell/node-pty";

/** The device's end of a pseudo-terminal whose other end looks like a serial port. */
export type Pty = {
  /** What a driver opens. */
  readonly path: string;
  readonly write: (bytes: Uint8Array) => void;
  /** Pulls the plug: whoever has the port open sees it go. */
  readonly close: () => Promise<void>;
};

/** The child only keeps the terminal open, raw and without echo, and tells its name first. */
const holdOpen = "stty raw -echo; tty; exec sleep infinity";
const nameMax = 200;

/** Opens a pseudo-terminal; `heard` gets what is written into the port. Rejects when the system has none to give. */
export const openPty = (heard: (bytes: Buffer) => void): Promise<Pty> =>
  new Promise((resolve, reject) => {
    const terminal: IPty = spawn("sh", ["-c", holdOpen], { encoding: null });
    const exited = Promise.withResolvers<void>();
    let name = "";
    let isOpen = false;
    terminal.onExit(() => {
      exited.resolve();
      if (!isOpen) reject(new Error(`no pseudo-terminal: ${name.trim()}`));
    });
    const close = async (): Promise<void> => {
      terminal.kill("SIGKILL");
      await exited.promise;
    };
    terminal.onData((data) => {
      // With encoding null the data is bytes, whatever its type says.
      const bytes = Buffer.from(data as unknown as Uint8Array);
      if (isOpen) return heard(bytes);
      name += bytes.toString("latin1");
      const path = /^(\/dev\/\S+)\r?\n/.exec(name)?.[1];
      if (path === undefined) {
        if (name.length > nameMax) void close();
        return;
      }
      isOpen = true;
      // Bytes are handed on as they are; the type of `write` knows text only.
      resolve({ path, close, write: (out) => terminal.write(Buffer.from(out) as unknown as string) });
    });
  });
