// The three secrets of one console's life, and their comparison in constant time. The token stands
// in the printed URL and buys the session; the session is the cookie; the CSRF token is what the
// page alone can read. None of them opens AWS.
import { randomBytes, timingSafeEqual } from "node:crypto";

export interface Secrets {
  readonly token: string;
  readonly session: string;
  readonly csrf: string;
}

const secret = () => randomBytes(32).toString("base64url");

export const newSecrets = (): Secrets => ({ token: secret(), session: secret(), csrf: secret() });

export function isSame(given: string | undefined, wanted: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
