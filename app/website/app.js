// Places an order, reads it back, and again a second later: what a visitor sees of a failover. An
// outage is the time from the beginning of the first round that failed to the end of the first one
// that didn't. Times are the browser's own.
import { apiUrl } from "./config.js";

const pauseMilliseconds = 1000;
/** No answer within this is a failure; the next request may be sent elsewhere. */
const patienceMilliseconds = 5000;
/** An order placed in one Region may reach the other's replica a second later. */
const readTries = 4;
const changesShown = 20;

const customer = `visitor-${crypto.randomUUID().slice(0, 8)}`;
const seen = {
  region: null,
  sinceAt: null,
  failingAt: null,
  lastOutage: null,
  outageSeconds: 0,
  orders: 0,
  isPaused: false,
};

class Failed extends Error {}

async function ask(method, path, body) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patienceMilliseconds);
  const headers =
    body === undefined
      ? {}
      : { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  try {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      cache: "no-store",
      signal: giveUp.signal,
    });
    const region = response.headers.get("X-Region") ?? "a Region that doesn't say its name";
    const answer = await response.json();
    return { status: response.status, ok: response.ok, region, answer };
  } catch {
    throw new Failed(giveUp.signal.aborted ? "nobody answered in time" : "nobody answered");
  } finally {
    clearTimeout(timer);
  }
}

async function place() {
  const items = [{ sku: "sku-1", quantity: 1 }];
  const { ok, status, region, answer } = await ask("POST", "/orders", { customer, items });
  if (!ok) throw new Failed(`${region} answered ${status}`);
  return answer.id;
}

async function readBack(id) {
  for (let attempt = 1; ; attempt += 1) {
    const { ok, status, region, answer } = await ask("GET", `/orders/${encodeURIComponent(id)}`);
    if (ok && answer.id === id) return region;
    if (status !== 404 || attempt === readTries) throw new Failed(`${region} answered ${status}`);
    await new Promise((resume) => setTimeout(resume, pauseMilliseconds / 2));
  }
}

async function round() {
  const startedAt = Date.now();
  try {
    worked(await readBack(await place()));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    failed(startedAt, error.message);
  }
}

function worked(region) {
  const now = Date.now();
  seen.orders += 1;
  if (seen.failingAt !== null) endOutage(now);
  if (seen.region !== region) {
    tell(
      seen.region === null ? `${region} answers.` : `${region} answers, no longer ${seen.region}.`,
    );
    seen.region = region;
    seen.sinceAt = now;
  }
  say("answered", `${region} answers.`);
}

function endOutage(now) {
  const seconds = secondsBetween(seen.failingAt, now);
  seen.lastOutage = { seconds, endedAt: now };
  seen.outageSeconds += seconds;
  seen.failingAt = null;
  tell(`Requests had failed for ${seconds} s.`);
}

function failed(startedAt, why) {
  if (seen.failingAt === null) {
    seen.failingAt = startedAt;
    tell(`Requests fail: ${why}.`);
  }
  say("failing", "Requests fail. This page goes on trying.");
}

const secondsBetween = (from, to) => Math.round((to - from) / 1000);
const timeOf = (instant) => new Date(instant).toLocaleTimeString();
const element = (id) => document.getElementById(id);

/** Changes alone: what stays the same isn't read out again. */
function say(state, sentence) {
  const status = element("status");
  status.dataset.state = state;
  if (status.textContent !== sentence) status.textContent = sentence;
}

function tell(sentence) {
  const line = document.createElement("li");
  line.textContent = `${timeOf(Date.now())} ${sentence}`;
  element("changes").prepend(line);
  while (element("changes").children.length > changesShown) element("changes").lastChild.remove();
}

function show() {
  const now = Date.now();
  const { region, sinceAt, failingAt, lastOutage, outageSeconds, orders } = seen;
  element("region").textContent = region ?? "–";
  element("since").textContent =
    sinceAt === null ? "–" : `${timeOf(sinceAt)} (${secondsBetween(sinceAt, now)} s)`;
  element("failing").textContent = failingAt === null ? "–" : `${secondsBetween(failingAt, now)} s`;
  element("last-outage").textContent =
    lastOutage === null
      ? "none yet"
      : `${lastOutage.seconds} s, until ${timeOf(lastOutage.endedAt)}`;
  element("all-outages").textContent =
    `${outageSeconds + (failingAt === null ? 0 : secondsBetween(failingAt, now))} s`;
  element("orders").textContent = String(orders);
}

async function repeat() {
  if (!seen.isPaused) await round();
  show();
  setTimeout(repeat, pauseMilliseconds);
}

element("pause").addEventListener("click", ({ currentTarget }) => {
  seen.isPaused = !seen.isPaused;
  currentTarget.setAttribute("aria-pressed", String(seen.isPaused));
});
setInterval(show, pauseMilliseconds);
repeat();
