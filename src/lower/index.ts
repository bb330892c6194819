export { lower } from "./lower.ts";
export { poolInPhases } from "./pool-in-phases.ts";
export { reluAfterPool } from "./relu-after-pool.ts";
