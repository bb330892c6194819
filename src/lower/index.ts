export { lower } from "./lower.ts";
export { reluAfterPool } from "./relu-after-pool.ts";
