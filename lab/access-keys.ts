// Access keys of the lab: which principal stands behind the key id that a signature names. Secrets
// are never compared: a caller inside the lab can't know a key that it wasn't given.
import type { Principal, Random } from "./kernel.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface AccessKeys {
  issue(principal: Principal): Credentials;
  /** Null: nobody was given that key. */
  principalOf(accessKeyId: string): Principal | null;
}

/** Where a SigV4 Authorization header says that it was signed for. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

export function createAccessKeys(random: Random): AccessKeys {
  const principals = new Map<string, Principal>();
  return {
    issue(principal) {
      // "ASIA" opens the ids of temporary credentials.
      const accessKeyId = `ASIA${random.hex("access-keys", 16).toUpperCase()}`;
      principals.set(accessKeyId, principal);
      return {
        accessKeyId,
        secretAccessKey: random.hex("access-keys", 40),
        sessionToken: random.hex("access-keys", 64),
      };
    },
    principalOf: (accessKeyId) => principals.get(accessKeyId) ?? null,
  };
}

/** Null: the header is missing or not SigV4. */
export function credentialScope(authorization: string | undefined): CredentialScope | null {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request/;
  const [, accessKeyId, region, service] = pattern.exec(authorization ?? "") ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return null;
  return { accessKeyId, region, service };
}
