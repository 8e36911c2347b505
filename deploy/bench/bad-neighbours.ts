import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { seededRandom } from "@tagwire/emulators";

const chunkBytes = 64 * 1_024;
const random = seededRandom("bad neighbours");
const noise = Uint8Array.from({ length: chunkBytes }, () => random.whole(0, 255));

/** What stands where a reader should be and does its worst, and where it listens. */
export type BadNeighbour = { readonly id: string; readonly address: string; readonly stop: () => void };

const open = async (id: string, speak: (socket: Socket) => void): Promise<BadNeighbour> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.resume();
    speak(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { id, address: `127.0.0.1:${port}`, stop };
};

/** As much noise as is taken, without end. */
const pour = (socket: Socket): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(noise));
  };
  socket.on("drain", more);
  more();
};

/** One that pours noise without end, one that hangs up at once, and one that is mute, each at an address of its own. */
export const openBadNeighbours = async (): Promise<readonly BadNeighbour[]> =>
  Promise.all([
    open("pours-noise", pour),
    open("hangs-up", (socket) => void socket.end()),
    open("is-mute", () => {}),
  ]);
