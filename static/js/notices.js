// A message about something that failed goes away when the next thing that the visitor does succeeds.
document.addEventListener("htmx:after:request", (event) => {
  const { request, response } = event.detail.ctx;
  if (request.method === "POST" && response.status < 400) document.getElementById("notices").replaceChildren();
});
