// How an operation of the Step Functions API refuses.

/** An error of the API, by its exception's name. */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
