// node docs.mjs BASE PROFILE
// Opens /docs/ of a running archive in a headless Chromium: the operations are there, requests can be tried out, and the
// page keeps to its own content security policy and to its own host.
import { chromium } from "playwright-core";

const [base, profile] = process.argv.slice(2);
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const faults = [];
const requests = [];
const page = context.pages()[0] ?? (await context.newPage());
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
});
page.on("pageerror", (error) => faults.push(`script: ${error}`));
page.on("requestfailed", (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
page.on("request", (request) => {
  requests.push(request.url());
  // The pictures in the style sheet stand in it.
  if (!request.url().startsWith(`${base}/`) && !request.url().startsWith("data:")) faults.push(`elsewhere: ${request.url()}`);
});
page.on("response", (response) => {
  if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  const type = response.headers()["content-type"] ?? "";
  if (type.startsWith("text/") && !type.includes("charset=utf-8")) faults.push(`no charset: ${response.url()}`);
});
// What the policy stops is an event of the page, whatever the console says.
await page.addInitScript(() => {
  window.stopped = [];
  document.addEventListener("securitypolicyviolation", (e) => window.stopped.push(`${e.violatedDirective}: ${e.blockedURI}`));
});

/** Sends the request of an operation, and gives the status that the page shows. */
async function tryOut(id) {
  const operation = page.locator(`.opblock[id$="-${id}"]`);
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".try-out__btn").click();
  await operation.locator("button.execute").click();
  return (await operation.locator(".live-responses-table tbody .response-col_status").first().innerText()).trim();
}

const wrong = (what) => {
  throw new Error(what);
};
try {
  page.setDefaultTimeout(20_000);
  const answer = await page.goto(`${base}/docs/`);
  if (!answer.headers()["content-security-policy"]?.includes("script-src 'self';")) wrong("there is no policy");
  await page.locator(".opblock").first().waitFor();
  const shown = await page.locator(".opblock").count();
  if (shown <= 50) wrong(`only ${shown} operations are shown`);
  for (const id of ["health_live", "list_people"]) {
    const status = await tryOut(id);
    if (!status.startsWith("200")) wrong(`${id} shows ${status}`);
  }
  for (const path of ["/openapi.json", "/health/live", "/v1/people"]) {
    if (!requests.some((url) => new URL(url).pathname === path)) wrong(`${path} was not asked for`);
  }
  faults.push(...(await page.evaluate(() => window.stopped)).map((what) => `policy: ${what}`));
  if (faults.length > 0) wrong(faults.join("\n"));
  // The eyes are open: the policy does stop a script of the page's own, and it is seen.
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
  });
  await page.waitForFunction(() => window.stopped.length > 0);
  if (await page.evaluate(() => window.ran)) wrong("a script in the page has run");
  console.log(`${shown} operations, ${requests.length} requests, no fault`);
} finally {
  await context.close();
}
