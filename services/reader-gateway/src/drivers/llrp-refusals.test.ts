import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { isStopped, stopLater } from "./test-driver.ts";
import { heardAll, reader, run, warnings } from "./test-llrp.ts";

describe("a reader that does not serve", () => {
  test("nothing listens there", async () => {
    const emulated = await reader();
    await emulated.stop();
    isStopped(emulated);
    expect(await run(emulated.address).fault).toBe("reader.unreachable");
  });

  test("it accepts and says nothing", async () => {
    const emulated = await reader({ flaky: { silent: true } });
    expect(await run(emulated.address, { greetingTimeoutMs: 50 }).fault).toBe("reader.silent");
  });

  test("it serves another client, who is told", async () => {
    const emulated = await reader();
    const first = run(emulated.address);
    await first.host.when(heardAll);
    expect(await run(emulated.address).fault).toBe("reader.refused");
    await first.host.when(({ notices }) => warnings(notices).includes("another_client"));
  });

  test.each([1, 2, 3])("it refuses with status %i", async (refuses) => {
    const emulated = await reader({ flaky: { refuses } });
    expect(await run(emulated.address).fault).toBe("reader.refused");
  });

  test.each([
    {
      what: "a greeting of another protocol",
      says: "SSH-2.0-OpenSSH_9.6\r\n",
      limits: { greetingTimeoutMs: 100 },
      code: "reader.garbled",
    },
    { what: "endless garbage", says: "~".repeat(300_000), limits: {}, code: "reader.garbled" },
    { what: "an end at once", says: "", limits: {}, code: "reader.closed" },
  ])("$what", async ({ says, limits, code }) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => {}));
      if (says === "") socket.end();
      else socket.write(says);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    stopLater(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    expect(await run(`127.0.0.1:${port}`, limits).fault).toBe(code);
  });
});

describe("a reader that says no", () => {
  test.each([
    { name: "ADD_ROSPEC", status: 100, code: "reader.settings" },
    { name: "ADD_ROSPEC", status: 401, code: "reader.error" },
    { name: "SET_READER_CONFIG", status: 101, code: "reader.settings" },
    { name: "GET_READER_CAPABILITIES", status: 401, code: "reader.error" },
    { name: "ENABLE_ROSPEC", status: 101, code: "reader.error" },
  ] as const)("$name with status $status ends in $code", async ({ name, status, code }) => {
    const emulated = await reader({ flaky: { answers: { [name]: status } } });
    const { fault, done } = run(emulated.address);
    expect(await fault).toBe(code);
    await expect(done).rejects.toThrow(`${name}: ${status === 401 ? "R_DeviceError" : "M_"}`);
    expect(emulated.requests().at(-1)).toBe("CLOSE_CONNECTION");
  });

  test("no AccessSpecs to delete is only worth a warning", async () => {
    const emulated = await reader({ flaky: { answers: { DELETE_ACCESSSPEC: 109 } } });
    const { host } = run(emulated.address);
    await host.when(heardAll);
    expect(warnings(host.notices)).toEqual(["access_specs_kept"]);
  });

  test("no ROSpecs to delete is only worth a warning", async () => {
    const emulated = await reader({ flaky: { answers: { DELETE_ROSPEC: 401 } } });
    const { host } = run(emulated.address);
    await host.when(heardAll);
    expect(warnings(host.notices)).toEqual(["ro_specs_kept"]);
    // Everything first, then ours by its number: a predecessor may have left it.
    expect(emulated.requests().filter((name) => name === "DELETE_ROSPEC")).toHaveLength(2);
  });

  test.each(["SET_READER_CONFIG", "DELETE_ROSPEC"] as const)("no answer to %s is silence", async (name) => {
    const emulated = await reader({ flaky: { ignores: [name] } });
    expect(await run(emulated.address, { answerTimeoutMs: 50 }).fault).toBe("reader.silent");
  });

  test("a reader that does not tell what it is, or what it does, is read all the same", async () => {
    const emulated = await reader({ flaky: { ignores: ["GET_READER_CAPABILITIES", "GET_ROSPECS"] } });
    const { host } = run(
      emulated.address,
      { answerTimeoutMs: 300 },
      { antennas: [{ port: 1 }, { port: 2 }] },
    );
    await host.when(heardAll);
    expect(warnings(host.notices)).toEqual(["capabilities_unknown"]);
  });

  test("a reader that numbers its answers by itself is understood", async () => {
    const emulated = await reader({ flaky: { ownIds: true } });
    await run(emulated.address).host.when(heardAll);
  });

  test("1.0.1 readers are not asked for more", async () => {
    const old = await reader({ flaky: { onlyVersion1: true } });
    await run(old.address).host.when(heardAll);
    expect(old.requests()).not.toContain("GET_SUPPORTED_VERSION");
  });

  test.each([
    { what: "refuses to speak of versions", flaky: { answers: { GET_SUPPORTED_VERSION: 109 } } },
    { what: "does not answer to it", flaky: { ignores: ["GET_SUPPORTED_VERSION"] } },
    { what: "refuses the version it has", flaky: { answers: { SET_PROTOCOL_VERSION: 110 } } },
  ] as const)("a reader of 1.1 that $what is spoken to in 1.0.1", async ({ flaky }) => {
    const emulated = await reader({ flaky });
    await run(emulated.address, { questionTimeoutMs: 500 }).host.when(heardAll);
    expect(emulated.requests()).toContain("GET_SUPPORTED_VERSION");
  });

  test.each([
    { what: "an antenna it does not have", antennas: [{ port: 5 }] },
    { what: "less power than it can", antennas: [{ port: 1, powerDbm: 5 }] },
  ])("$what is a setting to correct", async ({ antennas }) => {
    const emulated = await reader();
    expect(await run(emulated.address, {}, { antennas }).fault).toBe("reader.settings");
  });

  test.each(["", "host:0", "host:99999", "a b", "[::1"])(
    "the address %j is a setting to correct",
    async (address) => {
      expect(await run(address).fault).toBe("reader.settings");
    },
  );
});
