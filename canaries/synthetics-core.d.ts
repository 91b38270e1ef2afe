// The part of CloudWatch Synthetics' runtime library that is used; AWS publishes no types that
// can be installed. The library is provided by the runtime syn-nodejs-3.1.
declare module "@aws/synthetics-core" {
  export const synthetics: {
    /** Runs one step and publishes its metrics; rethrows what it throws. */
    executeStep<T>(name: string, run: () => Promise<T>): Promise<T>;
  };
}
