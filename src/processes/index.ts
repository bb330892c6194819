export { ChildWorker, type JobEnd, scriptBeside } from "./child-worker.ts";
export { type Failure, serveJobs } from "./serve-jobs.ts";
