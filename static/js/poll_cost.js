// The control room: how old is what it shows, and what did its last poll cost? Told from the answers themselves.
const age = document.getElementById("age");
let answered = performance.now();

const element = () => document.getElementById("room-poll");

// As it went over the wire: status line, headers, an empty line, body.
function bytes({ raw, status, headers }) {
  const line = `HTTP/1.1 ${status} ${raw.statusText}`.length + 4;
  const head = Array.from(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, line);
  return head + Number(headers.get("content-length") ?? 0);
}

function size(count) {
  return count < 1000 ? `${count} bytes` : `${(count / 1000).toFixed(1)} KB`;
}

// The clocks on the page go by the server's: the quickest answer knows it best, see clock.js.
function setClock(timing) {
  const [, now] = /clock;desc="?(\d+)/.exec(timing) ?? [];
  if (now) document.querySelector(".server-clock").dataset.at = now;
}

function tell(response) {
  const timing = response.headers.get("server-timing") ?? "";
  const [, ms, trips] = /dur=([\d.]+).*redis;desc="?(\d+)/.exec(timing) ?? [];
  setClock(timing);
  const what = response.status === 304 ? "nothing new" : "news";
  document.getElementById("cost").textContent =
    `Last poll: ${size(bytes(response))} (${what}), ${ms} ms at the server, ${trips} Redis round trips for it.`;
}

function tick() {
  const seconds = (performance.now() - answered) / 1000;
  const every = Number(element().dataset.every);
  const stale = seconds > Math.max(2, 3 * every);
  const text = every ? `${seconds.toFixed(1)} s old` : `${seconds.toFixed(0)} s old, refresh is off`;
  age.textContent = stale ? `Stale: ${text}` : `${text[0].toUpperCase()}${text.slice(1)}`;
  age.classList.toggle("age-stale", stale);
}

if (age && element()) {
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement.id !== "room-poll" || response.status >= 400) return;
    answered = performance.now();
    tell(response);
    tick();
  });
  setInterval(tick, 200);
}
