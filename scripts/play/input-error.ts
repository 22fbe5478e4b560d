/** What the user gave cannot be played. The message is one sentence that says what to change. */
export class InputError extends Error {
  public override readonly name: string = "InputError";
}

/** A price file that cannot be played, and the line that says why. */
export class PriceFileError extends InputError {
  public override readonly name = "PriceFileError";
  public readonly file: string;
  /** Counted from 1, the header included. */
  public readonly line: number;

  public constructor(file: string, line: number, problem: string) {
    super(`${file}:${String(line)}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}
