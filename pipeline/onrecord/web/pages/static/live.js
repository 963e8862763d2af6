// The live list: counts new quotes as they arrive, and shows them when the reader asks for them.
// Nothing moves by itself. The server renders everything; this only fetches the same page again.

const list = document.getElementById("quotes");
const button = document.getElementById("new");
const state = document.getElementById("live");
const waiting = new Set();

function isWanted(quote) {
  const floor = quote.type === "indirect" ? list.dataset.floorIndirect : list.dataset.floorQuoted;
  return quote.confidence >= Number(floor);
}

function tell() {
  button.hidden = waiting.size === 0;
  button.textContent = `Show ${waiting.size} new`;
  document.title = waiting.size ? `(${waiting.size}) ${list.dataset.title}` : list.dataset.title;
}

async function show() {
  button.disabled = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set(Array.from(list.children, (item) => item.id));
    const fresh = Array.from(page.querySelectorAll("#quotes > li")).filter((item) => !known.has(item.id));
    for (const item of fresh.reverse()) {
      item.classList.add("fresh");
      list.prepend(document.adoptNode(item));
    }
    document.getElementById("empty")?.remove();
    for (const aside of page.querySelectorAll("[data-refresh]")) {
      document.getElementById(aside.id)?.replaceWith(document.adoptNode(aside));
    }
    waiting.clear();
    list.querySelector("a")?.focus();
  } finally {
    button.disabled = false;
    tell();
  }
}

if (list && button && state) {
  const source = new EventSource(list.dataset.stream);
  source.onopen = () => { state.classList.add("on"); state.textContent = "Live"; };
  source.onerror = () => { state.classList.remove("on"); state.textContent = "Reconnecting…"; };
  source.onmessage = (event) => {
    const { quote } = JSON.parse(event.data);
    if (isWanted(quote) && !document.getElementById(`q-${quote.id}`)) waiting.add(quote.id);
    tell();
  };
  button.addEventListener("click", show);
  // An open stream would keep the page out of the browser's back-forward cache.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
