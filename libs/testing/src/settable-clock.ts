import { readFileSync, writeFileSync } from "node:fs";

/*
 * Loaded into a service before anything else: its clock is wrong by as many milliseconds as a file says, which is read at the start and
 * whenever SIGUSR2 arrives. Timers go on as they do when the clock of a machine is set; what was read is written beside the file.
 */
const file = process.env.CLOCK_FILE ?? "";
const RightDate = Date;
let aheadMs = 0;

const read = () => {
  const told = readFileSync(file, "utf8");
  aheadMs = Number(told);
  writeFileSync(`${file}.read`, told);
};
const now = (): number => RightDate.now() + aheadMs;

// A proxy, since what is a date for one realm or library has to stay one for all of them.
globalThis.Date = new Proxy(RightDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
process.on("SIGUSR2", read);
read();
