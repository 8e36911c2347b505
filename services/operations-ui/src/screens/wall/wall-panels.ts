/** What a wall may show, in the order in which it goes round. */
export const wallPanels = {
  stock: "Stock and scans",
  contracts: "Contracts due",
  service: "Service",
  throughput: "Throughput",
  plan: "Floor plan",
  readers: "Readers",
  alerts: "Alerts",
} as const;
export type WallPanel = keyof typeof wallPanels;

const all = Object.keys(wallPanels) as readonly WallPanel[];
const isPanel = (name: string): name is WallPanel => Object.hasOwn(wallPanels, name);

/** For how long each panel may be shown, in s. */
export const secondsChoices = [10, 20, 30, 60, 120] as const;
const secondsDefault = 20;

export type WallPlan = { readonly panels: readonly WallPanel[]; readonly seconds: number };

/** What an address asks a wall for: `?panels=stock,plan&seconds=30`; everything, where it names nothing that there is. */
export const wallPlanOf = (query: URLSearchParams): WallPlan => {
  const wanted = new Set((query.get("panels") ?? "").split(",").filter(isPanel));
  const seconds = Number(query.get("seconds"));
  return {
    panels: wanted.size === 0 ? all : all.filter((panel) => wanted.has(panel)),
    seconds: secondsChoices.find((choice) => choice === seconds) ?? secondsDefault,
  };
};

/** The query of an address that asks for it; what is asked for anyway is left out. */
export const wallQuery = ({ panels, seconds }: WallPlan): URLSearchParams => {
  const query = new URLSearchParams();
  if (panels.length > 0 && panels.length < all.length) query.set("panels", panels.join(","));
  if (seconds !== secondsDefault) query.set("seconds", String(seconds));
  return query;
};

/** Where a wall is in its round: at which panel, and since when, in ms. */
export type Turn = { readonly index: number; readonly sinceMs: number };

/** Goes on by so many panels, or back, round and round. */
export const turned = ({ index }: Turn, by: number, { panels }: WallPlan, nowMs: number): Turn => ({
  index: (((index + by) % panels.length) + panels.length) % panels.length,
  sinceMs: nowMs,
});

/** Where the wall is at an instant. A machine that slept goes on with the next panel and catches nothing up. */
export const turnAt = (turn: Turn, plan: WallPlan, nowMs: number): Turn => {
  const last = plan.panels.length - 1;
  if (turn.index > last) return { index: 0, sinceMs: nowMs };
  if (last === 0 || nowMs - turn.sinceMs < plan.seconds * 1_000) return turn;
  return turned(turn, 1, plan, nowMs);
};
