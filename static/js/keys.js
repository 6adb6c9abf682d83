// One key, one button that carries it as data-key; `?` shows the list. Nothing happens while somebody types.
const list = document.getElementById("keys");
const on = document.getElementById("keys-on");

const types = (it) => it.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || types(event.target)) return;
  if (event.key === "?") return list.togglePopover();
  if (!on.checked) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || button.ariaDisabled === "true") return;
  event.preventDefault();
  button.click();
}

if (list) {
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  document.addEventListener("keydown", press);
}
