/** What the processes of a run tell each other. */

/** To a worker: live this life. */
export interface Order {
  readonly seed: number;
  readonly life: number;
  readonly operations: number;
}

/** From a worker: what it has done since it last told, and how the life ended, if it has. */
export interface Told {
  readonly operations: number;
  readonly figures: number;
  /** Nothing while it lives; empty if all was the same; else what was not. */
  readonly ended?: string;
}
