// A hidden tab does not poll; it polls at once when it is seen again (see its hx-trigger).
document.addEventListener("htmx:config:request", (event) => {
  const polls = event.detail.ctx?.sourceElement?.getAttribute("hx-trigger")?.includes("every ");
  if (document.hidden && polls) event.preventDefault();
});
