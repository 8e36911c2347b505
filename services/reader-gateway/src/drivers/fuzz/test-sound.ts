import type { DriverHost, ReaderNotice, TagRead } from "../driver.ts";

/*
 * What may reach the floor. A parser that says anything else has believed what it should have refused.
 */

const antennaMax = 65_535;
const upperHex = /^(?:[0-9A-F]{2})*$/;

const require = (isSound: boolean, what: unknown): void => {
  if (!isSound) throw new RangeError(`unsound: ${JSON.stringify(what)}`);
};

export const requireSoundTag = (
  tag: Pick<TagRead, "epc" | "rssiDbm"> & { readonly tid?: string | undefined },
): void =>
  require(upperHex.test(tag.epc) &&
    upperHex.test(tag.tid ?? "") &&
    (tag.rssiDbm === null || Number.isFinite(tag.rssiDbm)), tag);

const requireSoundRead = (read: TagRead): void => {
  requireSoundTag(read);
  const { antenna, count, heardAtMs } = read;
  const isCounted = Number.isInteger(count) && count >= 1 && Number.isFinite(heardAtMs);
  require(isCounted && Number.isInteger(antenna) && antenna >= 0 && antenna <= antennaMax, read);
};

export const requireSoundNotice = (notice: ReaderNotice): void => {
  if (notice.kind === "antenna")
    require(Number.isInteger(notice.antenna) && notice.antenna >= 0 && notice.antenna <= antennaMax, notice);
  if (notice.kind === "clock") require(Number.isFinite(notice.offsetMs), notice);
  if (notice.kind === "input") require(Number.isFinite(notice.atMs), notice);
};

/** Tells the reads without when they were heard, which differs from run to run, and what could not be read. */
export const soundHost = (tell: (said: string) => void): DriverHost => ({
  phase: () => {},
  frame: (reads) => {
    for (const read of reads) {
      requireSoundRead(read);
      const { heardAtMs: _, ...rest } = read;
      tell(JSON.stringify(rest));
    }
  },
  malformed: (reason, bytes) => tell(`${reason} ${Buffer.from(bytes).toString("hex")}`),
  notice: requireSoundNotice,
});
