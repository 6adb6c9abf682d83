// A ticket that the server reports in another place travels there (View Transitions); nothing else on the page moves.
const still = matchMedia("(prefers-reduced-motion: reduce)");
let travelling = false;

// htmx waits for the end of a transition; that one was skipped is no error that anybody needs to hear of.
const start = document.startViewTransition?.bind(document);
if (start) {
  document.startViewTransition = (change) => {
    const transition = start(change);
    transition.ready.catch(() => {});
    return transition;
  };
}

const places = (root) => Array.from(root.querySelectorAll("[data-ticket]"), (it) => `${it.dataset.ticket}@${it.localName}`);

function name(on) {
  travelling = on;
  for (const it of document.querySelectorAll("[data-ticket]")) {
    it.style.viewTransitionName = on ? `ticket-${it.dataset.ticket}` : "";
  }
}

document.addEventListener("htmx:before:swap", (event) => {
  const task = event.detail.tasks.find((each) => each.type === "main" && each.target?.id === "lab");
  if (!task || still.matches || document.hidden || !document.startViewTransition) return;
  const before = new Set(places(document));
  if (!before.size || places(task.fragment).every((place) => before.has(place))) return;
  name(true);
  task.swapSpec.transition = true;
});

document.addEventListener("htmx:after:settle", () => travelling && name(true));
document.addEventListener("htmx:after:viewTransition", () => name(false));
