import { createServer } from "node:net";

/**
 * A TCP port on 127.0.0.1 that is free now. Another program may take it before it is used, so the caller
 * must be ready to ask again.
 */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the operating system named no port"));
      });
    });
  });
