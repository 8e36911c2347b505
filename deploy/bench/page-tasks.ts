import type { openBrowser } from "@tagwire/testing";

type Browser = Awaited<ReturnType<typeof openBrowser>>["browser"];
type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** How long it took its thread, in µs of processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
};

const categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"];
const isTask = ({ name, ph }: TraceEvent): boolean => ph === "X" && /(^|::)RunTask$/.test(name);

/**
 * Watches what the main threads of pages do; the answer ends it and gives the longest task of the busiest, in ms of its own processor time. On
 * a machine that does much else besides, frames are late for reasons that are none of the page's: this says what it asked for itself.
 */
export const watchTasks = async (browser: Browser): Promise<() => Promise<number>> => {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value as unknown as TraceEvent[])
      if (isTask(event) || event.ph === "M") events.push(event);
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: categories },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
    await session.send("Tracing.end");
    await complete;
    await session.detach();
    const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}:${tid}`;
    const mains = new Set(
      events
        .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
        .map(threadOf),
    );
    const tasks = events.filter((event) => isTask(event) && mains.has(threadOf(event)));
    const sums = new Map<string, number>();
    for (const task of tasks) sums.set(threadOf(task), (sums.get(threadOf(task)) ?? 0) + (task.tdur ?? 0));
    const [busiest] = [...sums].sort(([, one], [, other]) => other - one);
    if (busiest === undefined) throw new Error("the browser told of no task");
    return (
      Math.max(...tasks.filter((task) => threadOf(task) === busiest[0]).map(({ tdur = 0 }) => tdur)) / 1_000
    );
  };
};
