// A client made from the server's own description, used as somebody else's program would: it compiles only where the description is whole, and what it prints comes from a running server.
import createClient from "openapi-fetch";
import type { paths } from "./generated/api.js";

declare const process: { argv: string[]; exitCode?: number };
declare const console: { log(text: string): void };

const [, , baseUrl, token] = process.argv;
const server = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const received = await server.POST("/api/dossiers", {
  params: { header: { "Idempotency-Key": "client-1" } },
  body: { procedure: "1.004", channel: "counter", applicant: { name: "Nguyễn Thị Mai" } },
});
if (!received.data) throw new Error(received.error.code);
const { code, position } = received.data;

const again = await server.POST("/api/dossiers", {
  params: { header: { "Idempotency-Key": "client-1" } },
  body: { procedure: "1.004", channel: "counter", applicant: { name: "Nguyễn Thị Mai" } },
});
const list = await server.GET("/api/dossiers", { params: { query: { search: code, after: `${position}` } } });
const found: string | undefined = list.data?.items.map(row => row.code).find(each => each === code);
const date = await server.GET("/api/deadlines/{code}", { params: { path: { code }, query: { lang: "vi" } } });
const lines: string[] = date.data?.lines ?? [];
const refused = await server.POST("/api/dossiers/{code}/return", { params: { path: { code } }, body: { by: "counter" } });
const why: string | undefined = refused.error?.code;

console.log([code === again.data?.code, found === code, lines.length > 5, why].join(" "));
