// A hidden tab does not poll; it polls at once when it is seen again (see its hx-trigger).
const polled = ["lab", "lesson-lab-poll", "dead-list", "dead-replay"];
document.addEventListener("htmx:config:request", (event) => {
  if (document.hidden && polled.includes(event.detail.ctx?.sourceElement?.id)) event.preventDefault();
});
