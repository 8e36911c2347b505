import { once } from "node:events";
import { createServer } from "node:http";
import type { Gateway } from "../edge/gateway.ts";
import { ownUrlOf } from "./keep-scanning.ts";

export type OwnDoor = { readonly url: string; readonly close: () => Promise<void> };

/**
 * A way in to this gateway alone, on this machine: where several share a port, whoever knocks there may be let in by another one, which does not
 * know the key.
 */
export const openOwnDoor = async ({ server }: Pick<Gateway, "server">): Promise<OwnDoor> => {
  const door = createServer((request, response) => void server.emit("request", request, response));
  door.on("upgrade", (...asked) => void server.emit("upgrade", ...asked));
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  return {
    url: ownUrlOf({ server: door }),
    close: async () => {
      door.close();
      door.closeAllConnections();
    },
  };
};
