import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A cable to a server that can be cut. */
export type Cable = {
  /** The address of this end. */
  readonly url: string;
  /** Ends every connection: what is on its way then is lost. */
  readonly cut: () => void;
  readonly close: () => void;
};

/** Lays a cable to a server at a URL, with this end on a free port of loopback. */
export const openCable = async (url: string): Promise<Cable> => {
  const { hostname, port } = new URL(url);
  const ends: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const end of [near, far]) end.on("error", () => {});
    near.pipe(far).pipe(near);
    ends.push(near, far);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      for (const end of ends.splice(0)) end.destroy();
    },
    close: () => void server.close(),
  };
};
