// A client as a third party would write it: it compiles only while the generated types say what the API does.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

const api = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });

const body: components["schemas"]["Person"] = {
  names: [{ value: { kind: "main", family: "Бухарин", given: "Николай" }, citations: [] }],
};

export async function tour(token: string): Promise<string> {
  const page = await api.GET("/v1/people", { params: { query: { sex: ["female"], birth_from: "1880", limit: 10 } } });
  const first = page.data?.items[0];
  const entry = await api.GET("/v1/people/{id}", { params: { path: { id: first?.ref ?? "P1" } } });
  const name = entry.data?.body.names[0]?.value?.family;
  const sent = await api.POST("/v1/submissions", {
    params: { header: { "Idempotency-Key": "a" } },
    headers: { Authorization: `Bearer ${token}` },
    body: { summary: "A person", changes: [{ op: "create", kind: "person", body }] },
  });
  if (sent.error) {
    return sent.error.errors?.map((e) => `${e.pointer} ${e.code}`).join() ?? sent.error.code;
  }
  return `${name} ${sent.data.state}`;
}
