import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { claim, discard, draft } from "./claim.ts";
import { readGenerations, removeLock } from "./generations.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import { LockLostError, holderText } from "./lock-error.ts";
import { type LockTimes, lifeOf } from "./lock-life.ts";
import { type FoundLock, type LockRecord, lockText, readLock } from "./lock-record.ts";

/** A lock that this process holds. */
export interface Lock {
  /** Aborted, with a {@link LockLostError}, once the lock is another's: what is being done under it must end. */
  readonly lost: AbortSignal;
  /** To be called before what only the holder may do. @throws LockLostError */
  check(): void;
  /** Gives it back. Removes nothing that has become another's, and never throws; the end of the process does it too. */
  release(): void;
}

export class HeldLock implements Lock {
  readonly #loss = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #heartbeat: Heartbeat;
  #isReleased = false;

  constructor(
    /** Of the lock. */
    readonly place: string,
    /** Of the generation that is held. */
    readonly path: string,
    readonly record: LockRecord,
    readonly times: LockTimes,
  ) {
    this.#heartbeat = this.#startHeartbeat();
    this.#timer = setInterval(() => this.#look(), 1000 * times.beatSeconds).unref();
    releaseAtExit(this);
  }

  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  check(): void {
    this.#look();
    this.lost.throwIfAborted();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#end();
    forget(this);
    try {
      const there = readLock(this.path);
      if (there && this.#isMine(there)) removeLock(there);
    } catch {
      // What stays there is a dead process's, which the next one takes over.
    }
  }

  /** Sees that the lock is there and its heart beats. Puts back a file that somebody has removed. */
  #look(): void {
    if (this.#isReleased || this.lost.aborted) return;
    try {
      const there = readLock(this.path);
      if (there === null) this.#putBack();
      else if (!this.#isMine(there)) this.#lose(holderText(there.named));
      if (!this.lost.aborted && !this.#heartbeat.isBeating) this.#heartbeat = this.#startHeartbeat();
    } catch {
      // The disk is away, or full: nothing is known, and the next look may tell.
    }
  }

  #putBack(): void {
    if (!existsSync(dirname(this.path))) return this.#lose("the folder has been removed");
    const ours = draft(this.path, lockText(this.record));
    try {
      const isBack = claim(this.path, ours);
      const other = readGenerations(this.place).locks.find(
        (lock) => !this.#isMine(lock) && lifeOf(lock, ours.writtenAt) !== "dead",
      );
      if (isBack && !other) return;
      const mine = readLock(this.path);
      if (mine && this.#isMine(mine)) removeLock(mine);
      this.#lose(other ? holderText(other.named) : "its lock has been replaced");
    } finally {
      discard(ours);
    }
  }

  #lose(reason: string): void {
    this.#end();
    this.#loss.abort(new LockLostError(this.path, reason));
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#heartbeat.stop();
  }

  #startHeartbeat = (): Heartbeat =>
    startHeartbeat(this.path, this.record.token, 1000 * this.times.beatSeconds);

  #isMine = ({ named }: FoundLock): boolean =>
    named.kind === "holder" && named.record.token === this.record.token;
}

const held = new Set<HeldLock>();

/** One listener for all: Node warns of many. */
function releaseAtExit(lock: HeldLock): void {
  if (held.size === 0) process.on("exit", releaseAll);
  held.add(lock);
}

function forget(lock: HeldLock): void {
  held.delete(lock);
  if (held.size === 0) process.off("exit", releaseAll);
}

function releaseAll(): void {
  for (const lock of held) lock.release();
}
