/** What we promise of the running system, of 28 days, and how it is told whether we keep it. */
export type Slo = {
  /** The label `slo`. */
  readonly name: string;
  /** How its two alerts begin: `CommandsFastBurn`, `CommandsSlowBurn`. */
  readonly alert: string;
  readonly service: string;
  /** The share that has to be good. */
  readonly objective: number;
  /** For people: what has to be so. */
  readonly promise: string;
  /** How many were good in a window, such as `5m`; PromQL. */
  readonly good: (window: string) => string;
  /** How many there were. */
  readonly total: (window: string) => string;
};

const sumIncrease = (series: string) => (window: string) => `sum(increase(${series}[${window}]))`;

const screens = (name: string, alert: string, objective: number, seconds: number): Slo => ({
  name,
  alert,
  service: "api-gateway",
  objective,
  promise: `${objective * 100} % of what was recorded is on a screen that follows it within ${seconds} s`,
  good: sumIncrease(`tagwire_live_commit_to_screen_seconds_bucket{le="${seconds}"}`),
  total: sumIncrease("tagwire_live_commit_to_screen_seconds_count"),
});

export const slos: readonly Slo[] = [
  {
    name: "commands",
    alert: "Commands",
    service: "operations",
    objective: 0.999,
    promise: "99.9 % of commands have an outcome within 1 s of their arrival; a refusal is one",
    good: sumIncrease('tagwire_answer_seconds_bucket{question="commands",outcome!="failed",le="1"}'),
    total: sumIncrease('tagwire_answer_seconds_count{question="commands"}'),
  },
  screens("screens", "Screens", 0.99, 2),
  screens("screens-late", "ScreensLate", 0.999, 10),
  {
    name: "api",
    alert: "Api",
    service: "api-gateway",
    objective: 0.999,
    promise: "99.9 % of requests are answered with something else than a failure of ours (5xx)",
    good: sumIncrease('tagwire_http_request_seconds_count{status!~"5.."}'),
    total: sumIncrease("tagwire_http_request_seconds_count"),
  },
];
