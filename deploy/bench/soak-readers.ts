import { type LlrpReader, seededRandom, startLlrpReader, type TagSource } from "@tagwire/emulators";
import { tagOf } from "./stock.ts";

export const soakReaders = 16;
export const soakTagsEach = 55;
/** 55 tags, 20 times in a second, are 1,100 reads. */
const roundMs = 50;
const flapMs = { min: 2_000, max: 12_000 };

/** Readers whose lines go on and off: every other one, so that of the rest each read can be asked for. */
const isFlapping = (index: number): boolean => index % 2 === 1;

export type SoakReader = {
  readonly id: string;
  readonly place: string;
  readonly isFlapping: boolean;
  readonly emulated: LlrpReader;
};

export type SoakField = {
  readonly readers: readonly SoakReader[];
  /** How often a line was cut. */
  readonly cuts: () => number;
  /** Takes every tag away and leaves the lines alone from now on. */
  readonly clear: () => void;
  readonly stop: () => Promise<void>;
};

/** Starts readers that each see their own tags without a pause, and cuts the lines of half of them at random moments. */
export const openSoakField = async (): Promise<SoakField> => {
  const random = seededRandom(16);
  let isCleared = false;
  let cuts = 0;
  const worldOf = (index: number): TagSource => {
    const seen = Array.from({ length: soakTagsEach }, (_, at) => ({
      epc: tagOf(index * soakTagsEach + at),
      rssiDbm: -45 - (at % 20),
    }));
    return { sees: (antenna) => (antenna === 1 && !isCleared ? seen : []) };
  };
  const readers = await Promise.all(
    Array.from({ length: soakReaders }, async (_, index): Promise<SoakReader> => {
      const emulated = await startLlrpReader({ world: worldOf(index), roundMs, seed: index });
      const name = String(index + 1).padStart(2, "0");
      return { id: `door-${name}`, place: `hall-${name}`, isFlapping: isFlapping(index), emulated };
    }),
  );

  const flaps = new Map<LlrpReader, NodeJS.Timeout>();
  const flap = (emulated: LlrpReader): void => {
    const cut = () => {
      if (emulated.stats().isServing) {
        emulated.dropConnections();
        cuts += 1;
      }
      flap(emulated);
    };
    flaps.set(emulated, setTimeout(cut, random.whole(flapMs.min, flapMs.max)));
  };
  const calm = (): void => {
    for (const timer of flaps.values()) clearTimeout(timer);
  };
  for (const { emulated } of readers.filter((one) => one.isFlapping)) flap(emulated);
  return {
    readers,
    cuts: () => cuts,
    clear: () => {
      isCleared = true;
      calm();
    },
    stop: async () => {
      calm();
      await Promise.all(readers.map(({ emulated }) => emulated.stop()));
    },
  };
};
