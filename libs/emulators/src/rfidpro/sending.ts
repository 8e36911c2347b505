import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { FaultAct } from "./faults.ts";

const askedBytesMax = 4 * 1_024 * 1_024;
const hugePieceBytes = 64 * 1_024;

/** What was sent along with a question, as JSON; undefined where it is none. */
export const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > askedBytesMax) return undefined;
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    return undefined;
  }
};

const sendSlowly = async (response: ServerResponse, bytes: Buffer, bytesPerSecond: number): Promise<void> => {
  for (let at = 0; at < bytes.length && !response.destroyed; at += 1) {
    response.write(bytes.subarray(at, at + 1));
    // Nobody waits for an emulator that still whispers.
    await setTimeout(1_000 / bytesPerSecond, undefined, { ref: false });
  }
  response.end();
};

/** Sends pieces for as long as somebody listens, and holds one. */
const sendPieces = async (response: ServerResponse, pieces: Iterable<string>): Promise<void> => {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (response.write(piece)) continue;
    const { promise, resolve } = Promise.withResolvers<void>();
    response.once("drain", resolve);
    response.once("close", resolve);
    await promise;
    response.off("drain", resolve);
    response.off("close", resolve);
  }
  response.end();
};

function* blanks(bytes: number): Generator<string> {
  for (let sent = 0; sent < bytes; sent += hugePieceBytes) yield " ".repeat(hugePieceBytes);
}

/** A page like any other, but for one text in each row. */
function* hugeRows({ rows, bytesPerRow }: { rows: number; bytesPerRow: number }): Generator<string> {
  yield `{"totalcount":${rows},"returncount":${rows},"result":{"success":true,"code":0},"data":[`;
  for (let row = 0; row < rows; row += 1) {
    yield `${row === 0 ? "" : ","}{"tag_id":"HUGE${row}","notes":"`;
    for (let left = bytesPerRow; left > 0; left -= hugePieceBytes)
      yield "x".repeat(Math.min(left, hugePieceBytes));
    yield '"}';
  }
  yield "]}";
}

const lengthOf = (pieces: Iterable<string>): number => {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
};

/** Sends an answer, with what goes wrong on the way. */
export const send = async (
  response: ServerResponse,
  answer: { readonly status: number; readonly body: unknown; readonly atMs: number },
  fault: FaultAct | undefined,
): Promise<void> => {
  if (fault?.act === "held") await fault.until;
  const text = fault?.act === "body" ? fault.body : JSON.stringify(answer.body);
  const bytes =
    fault?.act === "latin1"
      ? Buffer.from(text.replace('"data":[{', '"data":[{"remark":"Café",'), "latin1")
      : Buffer.from(fault?.act === "truncated" ? text.slice(0, text.length >> 1) : text);
  const headers = {
    "content-type": "application/json",
    date: new Date(answer.atMs).toUTCString(),
  };
  switch (fault?.act) {
    case "silent":
      return;
    case "slow":
      response.writeHead(answer.status, { ...headers, "content-length": bytes.length });
      return sendSlowly(response, bytes, fault.bytesPerSecond);
    case "huge":
      response.writeHead(answer.status, headers);
      return sendPieces(response, blanks(fault.bytes));
    case "huge-rows": {
      const length = fault.promised ? { "content-length": lengthOf(hugeRows(fault)) } : {};
      response.writeHead(answer.status, { ...headers, ...length });
      return sendPieces(response, hugeRows(fault));
    }
    case "wrong-length":
      // Node itself would never send what does not fit, so it is written to the socket.
      response.socket?.end(
        `HTTP/1.1 ${answer.status} OK\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length + fault.by}\r\n\r\n${text}`,
      );
      return;
    case "reset":
      if (fault.when === "middle") {
        response.writeHead(answer.status, { ...headers, "content-length": bytes.length });
        const { promise, resolve } = Promise.withResolvers<void>();
        response.write(bytes.subarray(0, bytes.length >> 1), () => resolve());
        await promise;
      }
      response.socket?.resetAndDestroy();
      return;
    default:
      response.writeHead(answer.status, { ...headers, "content-length": bytes.length });
      response.end(bytes);
  }
};
