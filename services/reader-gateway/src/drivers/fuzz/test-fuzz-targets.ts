import { decodeMessage, MalformedFrame } from "@tagwire/llrp";
import { lineLengthMax, readTagLine } from "@tagwire/reader-lines";
import type { FuzzTarget, StreamParser, Tell, WholeParser } from "@tagwire/testing";
import { impinjEvents } from "../impinj/events.ts";
import { impinjLimits } from "../impinj/limits.ts";
import { openDesk } from "../json/desk.ts";
import { Inbox } from "../json/inbox.ts";
import { JsonLines } from "../json/lines.ts";
import type { EventReading } from "../json/told.ts";
import { FrameSearch, type Framing } from "../line/frame-search.ts";
import type { LineHost } from "../line/line.ts";
import { textLines } from "../line/text-lines.ts";
import { readTold } from "../llrp/events.ts";
import { channelsOf, readerFacts } from "../llrp/reader-facts.ts";
import { frameTypes, m100Framing, parameterLengthMax, tagOf } from "../m100/frames.ts";
import { dataLengthMax } from "../mercury/frames.ts";
import { heardOf, streamFraming } from "../mercury/stream.ts";
import { ReaderClock } from "../reader-clock.ts";
import { tslLines } from "../tsl/framing.ts";
import { tslListener } from "../tsl.ts";
import { frameLengthMax, uhfFraming } from "../uhf/frames.ts";
import { form18, form288, readInventory, readPushed } from "../uhf/tag-entries.ts";
import { zebraEvents } from "../zebra/events.ts";
import { impinjCorpus, jsonPieces, zebraCorpus } from "./test-json-corpus.ts";
import { llrpToldCorpus } from "./test-llrp-corpus.ts";
import { repairM100, repairMercury, repairUhf } from "./test-repair.ts";
import {
  linesCorpus,
  linesPieces,
  m100Corpus,
  m100Pieces,
  mercuryCorpus,
  mercuryPieces,
  tslCorpus,
  tslPieces,
  uhfCorpus,
  uhfPieces,
} from "./test-serial-corpus.ts";
import { requireSoundNotice, requireSoundTag, soundHost } from "./test-sound.ts";

const throwsNothing = (): boolean => false;

type Told<Frame> = {
  readonly framing: Framing<Frame>;
  /** Makes what says of a frame what a driver makes of it; and of what is none, where its driver has to do with that. */
  readonly listen: (tell: Tell) => ((frame: Frame) => void) | Pick<LineHost<Frame>, "frame" | "malformed">;
  readonly heldBytesMax: number;
};

/** What a line brings, as a driver finds frames in it. */
const onLine = <Frame>({ framing, listen, heldBytesMax }: Told<Frame>): StreamParser => ({
  open: (tell) => {
    const told = listen(tell);
    const heard = typeof told === "function" ? { frame: told, malformed: () => {} } : told;
    const search = new FrameSearch(framing, {
      frame: heard.frame,
      malformed: (reason, bytes, skipped) => {
        tell(`${reason}: ${skipped} ${Buffer.from(bytes).toString("hex")}`);
        heard.malformed(reason, bytes);
      },
    });
    return {
      push: (chunk) => search.push(chunk),
      end: () => search.silence(),
      heldBytes: () => search.heldLength,
    };
  },
  heldBytesMax,
});

const m100 = onLine({
  framing: m100Framing,
  heldBytesMax: parameterLengthMax + 7,
  listen: (tell) => (frame) => {
    const { type, command, parameters } = frame;
    tell(`${type} ${command} ${parameters.toString("hex")}`);
    if (type !== frameTypes.notice) return;
    const tag = tagOf(frame);
    if (!("no" in tag)) requireSoundTag(tag);
    tell(JSON.stringify(tag));
  },
});

const mercury = onLine({
  framing: streamFraming,
  heldBytesMax: dataLengthMax + 7,
  listen: (tell) => (frame) => {
    const heard = heardOf(frame);
    if (heard.kind === "tag") requireSoundTag({ ...heard.tag, tid: heard.tag.embedded?.hex });
    tell(JSON.stringify(heard));
  },
});

const uhf = onLine({
  framing: uhfFraming,
  heldBytesMax: frameLengthMax,
  listen: (tell) => (frame) => {
    const { command, status, data } = frame;
    const readings = [readInventory(data, form18), readInventory(data, form288), readPushed(data)];
    for (const read of readings) {
      if ("tags" in read) for (const tag of read.tags) requireSoundTag({ ...tag, rssiDbm: null });
    }
    tell(`${command} ${status} ${JSON.stringify(readings)}`);
  },
});

const tsl = onLine({
  framing: tslLines,
  heldBytesMax: lineLengthMax,
  listen: (tell) => tslListener(soundHost(tell), 1),
});

const lines = onLine({
  framing: textLines,
  heldBytesMax: lineLengthMax,
  listen: (tell) => (text) => {
    const said = readTagLine(text);
    if (said.kind === "tag") requireSoundTag(said);
    tell(JSON.stringify(said));
  },
});

/** How the driver reads events, then what reaches the floor of them. */
const atDesk = (reading: EventReading, tell: Tell) => {
  const desk = openDesk({
    host: soundHost(tell),
    settings: { address: "", antennas: [] },
    inbox: new Inbox(),
    reading,
  });
  return (event: unknown, text: string): void => {
    for (const told of reading(event)) if (told.kind === "notice") requireSoundNotice(told.notice);
    for (const _ of desk([{ event, text }]));
  };
};

const jsonOf = (text: string): { readonly event: unknown } | undefined => {
  try {
    return { event: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

const impinj: StreamParser = {
  open: (tell) => {
    const cut = new JsonLines(impinjLimits.lineBytesMax);
    const take = atDesk(impinjEvents, tell);
    return {
      push: (chunk) => {
        for (const line of cut.push(chunk)) {
          const json = jsonOf(line ?? "");
          tell(line ?? "too long");
          if (json !== undefined) take(json.event, line ?? "");
        }
      },
      end: () => {},
      heldBytes: () => cut.heldBytes,
    };
  },
  heldBytesMax: impinjLimits.lineBytesMax,
};

const zebra: WholeParser = {
  read: (bytes, tell) => {
    const json = jsonOf(bytes.toString());
    if (json === undefined) return;
    const take = atDesk(zebraEvents, tell);
    for (const event of Array.isArray(json.event) ? json.event : [json.event])
      take(event, JSON.stringify(event));
  },
};

/** What the driver makes of a message that was decoded. */
const llrpTold: WholeParser = {
  read: (bytes, tell) => {
    const message = decodeMessage(bytes);
    const { notices } = readTold(message, new ReaderClock(), 0);
    for (const notice of notices) requireSoundNotice(notice);
    tell(JSON.stringify([notices, readerFacts(message.parameters), ...channelsOf(message.parameters)]));
  },
};

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "m100",
    corpus: m100Corpus,
    pieces: m100Pieces,
    repair: repairM100,
    isNamed: throwsNothing,
    parser: m100,
  },
  {
    name: "mercury",
    corpus: mercuryCorpus,
    pieces: mercuryPieces,
    repair: repairMercury,
    isNamed: throwsNothing,
    parser: mercury,
  },
  {
    name: "uhf",
    corpus: uhfCorpus,
    pieces: uhfPieces,
    repair: repairUhf,
    isNamed: throwsNothing,
    parser: uhf,
  },
  { name: "tsl", corpus: tslCorpus, pieces: tslPieces, isNamed: throwsNothing, parser: tsl },
  { name: "lines", corpus: linesCorpus, pieces: linesPieces, isNamed: throwsNothing, parser: lines },
  { name: "impinj", corpus: impinjCorpus, pieces: jsonPieces, isNamed: throwsNothing, parser: impinj },
  { name: "zebra", corpus: zebraCorpus, pieces: jsonPieces, isNamed: throwsNothing, parser: zebra },
  {
    name: "llrp-told",
    corpus: llrpToldCorpus,
    isNamed: (error) => error instanceof MalformedFrame,
    parser: llrpTold,
  },
];
