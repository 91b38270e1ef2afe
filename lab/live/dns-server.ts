// The zone's name servers on a real port, over UDP and TCP alike. They answer from the zone as it
// is at this virtual instant, as if the asker stood near `from` (no EDNS Client Subnet). TTLs are
// virtual seconds: a cache on this machine holds them for as many real ones.
import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server, type Socket as Stream } from "node:net";
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  streamDecode,
  streamEncode,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import type { Region } from "../../core/config/schema.ts";
import type { DnsAnswer, DnsType, NameServers } from "../kernel.ts";
import { type Listening, listenAt, loopback, portOf } from "./listening.ts";

const types: readonly DnsType[] = ["A", "AAAA", "TXT", "NS", "CNAME"];
/** RFC 1035: without EDNS no more fits into a datagram. */
const datagramBytesMax = 512;
/** UDP gets the port that TCP was given; another process may have it. */
const portAttempts = 10;
const codes = { NOERROR: 0, NXDOMAIN: 3, refused: 5, notImplemented: 4 } as const;

export interface DnsZone {
  readonly zoneName: string;
  readonly nameServers: NameServers;
  /** Where askers stand. */
  readonly from: Region;
}

export async function listenDns(zone: DnsZone): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    const stream = createServer((socket) => serveStream(socket, zone));
    await listenAt(stream, 0);
    const datagrams = createSocket("udp4");
    try {
      await bind(datagrams, portOf(stream));
      return listening(stream, datagrams, zone);
    } catch (error) {
      datagrams.close();
      stream.close();
      if (attempt === portAttempts) throw error;
    }
  }
}

function bind(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, loopback, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

function listening(stream: Server, datagrams: Socket, zone: DnsZone): Listening {
  const open = new Set<Stream>();
  stream.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  datagrams.on("message", (bytes, sender) => {
    const query = readable(() => decode(bytes));
    if (query === null) return;
    const answer = answerTo(query, zone);
    const whole = encode(answer);
    const fits = whole.length <= datagramBytesMax;
    const flags = (answer.flags ?? 0) | TRUNCATED_RESPONSE;
    const sent = fits ? whole : encode({ ...answer, answers: [], authorities: [], flags });
    datagrams.send(sent, sender.port, sender.address);
  });
  // A client that is gone is no fault of the lab's.
  datagrams.on("error", () => {});
  return {
    port: portOf(stream),
    close() {
      datagrams.close();
      stream.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Queries with their length before them, one after the other (RFC 7766). */
function serveStream(socket: Stream, zone: DnsZone): void {
  let kept = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    kept = Buffer.concat([kept, bytes]);
    while (kept.length >= 2 && kept.length >= 2 + kept.readUInt16BE(0)) {
      const end = 2 + kept.readUInt16BE(0);
      const message = kept.subarray(0, end);
      kept = kept.subarray(end);
      const query = readable(() => streamDecode(message));
      if (query === null) return void socket.destroy();
      socket.write(streamEncode(answerTo(query, zone)));
    }
  });
}

/** Null: no DNS message. It is not answered. */
function readable(read: () => Packet): Packet | null {
  try {
    const packet = read();
    return packet.type === "query" ? packet : null;
  } catch {
    return null;
  }
}

function answerTo(query: Packet, zone: DnsZone): Packet {
  const [question] = query.questions ?? [];
  const said = question === undefined ? null : zoneAnswer(question, zone);
  const recursionDesired = (query.flags ?? 0) & 0x100;
  const code = said?.code ?? codes.notImplemented;
  return {
    type: "response",
    ...(query.id === undefined ? {} : { id: query.id }),
    // The flags' last four bits are the response code.
    flags: AUTHORITATIVE_ANSWER | recursionDesired | code,
    questions: query.questions ?? [],
    answers: said?.answers ?? [],
    authorities: said?.authorities ?? [],
  };
}

interface Said {
  readonly code: number;
  readonly answers: Answer[];
  readonly authorities: Answer[];
}

function zoneAnswer({ name, type }: Question, { nameServers, from, zoneName }: DnsZone): Said {
  const asked = types.find((one) => one === type);
  const answer = nameServers.answer(name, asked ?? "A", from);
  // Not in the zone: these servers are not the ones to ask.
  if (answer.status === "SERVFAIL") return { code: codes.refused, answers: [], authorities: [] };
  const answers = asked === undefined ? [] : records(name, asked, answer);
  const authorities = answers.length > 0 ? [] : [startOfAuthority(zoneName, nameServers)];
  return { code: codes[answer.status], answers, authorities };
}

function records(name: string, type: DnsType, { values, ttlSeconds: ttl }: DnsAnswer): Answer[] {
  return values.map((data) => ({ type, name, ttl, data }));
}

/** Route 53's, by which a "no" is kept for 900 s. */
function startOfAuthority(zoneName: string, { servers }: NameServers): Answer {
  const data = {
    mname: servers[0]?.name ?? zoneName,
    rname: "awsdns-hostmaster.amazon.com",
    ...{ serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: 86_400 },
  };
  return { type: "SOA", name: zoneName, ttl: 900, data };
}
