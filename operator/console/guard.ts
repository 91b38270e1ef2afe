// Who gets in. Any page that the operator's browser has open can send requests to 127.0.0.1, and a
// name can be made to resolve there: so Host and Origin are held against this console's own
// address, a SameSite cookie says whose browser it is, and each change needs a token besides that
// only our page can read. The URL's token leaves the address bar at once, by a redirect.
import type { Context, MiddlewareHandler, Next } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { csrfHeader } from "./contract.ts";
import { isSame, type Secrets } from "./secrets.ts";

export interface Door {
  readonly secrets: Secrets;
  /** Known once it listens. */
  port(): number;
}

/** No inline script or style, nothing from elsewhere, no frame around it. Cloudscape sets styles by
 * CSSOM alone, which needs no exception; its style sheet holds its fonts as data. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  if (!context.res.headers.has("cache-control")) {
    context.res.headers.set("cache-control", "no-store");
  }
};

/** Cookies know no port: two consoles of one machine would share a name. */
const cookieName = (port: number) => `switchback-console-${port}`;

export function guard({ secrets, port }: Door): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (![`127.0.0.1:${port()}`, `localhost:${port()}`].includes(host)) {
      return refuse(context, 421, "This is not the console's address.");
    }
    const token = context.req.query("token");
    if (context.req.path === "/" && context.req.method === "GET" && token !== undefined) {
      return enter(context, { secrets, port }, token);
    }
    if (!isSame(getCookie(context, cookieName(port())), secrets.session)) {
      return refuse(
        context,
        401,
        "Open the URL that the console printed when it started: it holds a token that lets this " +
          "browser in. Each start has a token of its own.",
      );
    }
    return fromElsewhere(context, `http://${host}`) ?? withCsrf(context, secrets, next);
  };
}

function enter(context: Context, { secrets, port }: Door, token: string): Response {
  if (!isSame(token, secrets.token)) {
    return refuse(context, 401, "That token is not this console's: use the URL that it printed.");
  }
  setCookie(context, cookieName(port()), secrets.session, {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
  });
  return context.redirect("/", 303);
}

const isRead = ({ req }: Context) => ["GET", "HEAD"].includes(req.method);

/** The browser says itself where a request comes from. */
function fromElsewhere(context: Context, own: string): Response | null {
  const origin = context.req.header("origin");
  const site = context.req.header("sec-fetch-site") ?? "none";
  const isOwn = origin === undefined ? isRead(context) : origin === own;
  if (isOwn && ["same-origin", "none"].includes(site)) return null;
  return refuse(context, 403, "The console answers its own page alone.");
}

async function withCsrf(
  context: Context,
  { csrf }: Secrets,
  next: Next,
): Promise<Response | undefined> {
  if (!isRead(context) && !isSame(context.req.header(csrfHeader), csrf)) {
    return refuse(context, 403, "The page's token is missing or old: load the page again.");
  }
  await next();
  return undefined;
}

/** People get a sentence, the page JSON. */
function refuse(context: Context, status: 401 | 403 | 421, error: string): Response {
  if (context.req.path.startsWith("/api/")) return context.json({ error }, status);
  return context.text(`${error}\n`, status);
}
