// Between two polls, lets the clocks and bars go on that the server reported as running, by the server's own time.
const still = matchMedia("(prefers-reduced-motion: reduce)");
let ahead = -Infinity; // the server's clock minus ours, in ms; the quickest answer knows best
let drawn = 0;

function listen() {
  const sent = Number(document.querySelector(".server-clock")?.dataset.at);
  if (sent) ahead = Math.max(ahead, sent - performance.now());
}

// With as many decimals as the server wrote.
function write(element, ms) {
  const decimals = element.textContent.split(".")[1]?.length ?? 1;
  const text = (Math.max(0, ms) / 1000).toFixed(decimals);
  if (element.textContent !== text) element.textContent = text;
}

function words(now) {
  for (const it of document.querySelectorAll("[data-since]")) write(it, now - it.dataset.since);
  for (const it of document.querySelectorAll("[data-until]")) write(it, it.dataset.until - now);
}

function bars(now) {
  for (const it of document.querySelectorAll("[data-grow-since]")) {
    const height = (Math.max(0, now - it.dataset.growSince) / 1000) * it.dataset.growRate;
    it.setAttribute("height", height.toFixed(1));
  }
  for (const it of document.querySelectorAll("[data-fill-since]")) {
    const part = Math.max(0, now - it.dataset.fillSince) / 1000 / it.dataset.fillSeconds;
    it.setAttribute("width", `${(100 * Math.min(1, part)).toFixed(1)}%`);
  }
}

function tick(time) {
  const silent = !document.getElementById("offline").hidden; // an unreachable server reports nothing as running
  if (!silent && time - drawn >= (still.matches ? 1000 : 30)) {
    drawn = time;
    const now = performance.now() + ahead;
    words(now);
    if (!still.matches) bars(now);
  }
  requestAnimationFrame(tick);
}

document.addEventListener("htmx:after:swap", listen);
listen();
requestAnimationFrame(tick);
