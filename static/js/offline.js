// Says so when polls fail, and takes it back when one succeeds. The polls themselves go on all the time.
const banner = document.getElementById("offline");

const isPoll = (event) => event.detail.ctx.sourceElement.getAttribute("hx-trigger")?.includes("every ");

function away(reason) {
  if (banner.hidden) banner.textContent = reason;
  banner.hidden = false;
}

document.addEventListener("htmx:after:request", (event) => {
  if (!isPoll(event)) return;
  const status = event.detail.ctx.response.status;
  if (status < 400) banner.hidden = true;
  else if (status < 500) away("This sandbox is not there any more. Reload the page to get a new one.");
  else away("The server cannot answer just now. What you see is the last that it said; this page asks again by itself.");
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && isPoll(event)) away("The server is away. What you see is the last that it said; this page goes on asking.");
});
