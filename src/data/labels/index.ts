export { openLabelsLayout } from "./labels-layout.ts";
