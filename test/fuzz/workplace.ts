import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/** Where cases put their files: in memory where there is a place for that. */
export const workplace = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
