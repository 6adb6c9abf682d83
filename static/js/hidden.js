// A hidden tab does not poll; it polls at once when it is seen again (see hx-trigger on #lab).
document.addEventListener("htmx:config:request", (event) => {
  if (document.hidden && event.target.id === "lab") event.preventDefault();
});
