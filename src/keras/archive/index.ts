export type { StoredModel } from "./stored-model.ts";
