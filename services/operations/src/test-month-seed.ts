/**
 * The seed of the simulated month: another one each time, told in the name of the test, and the same again with
 * `MONTH_SEED=<seed>`.
 */
export const monthSeed: string = process.env.MONTH_SEED ?? String(Math.floor(Math.random() * 1_000_000));
