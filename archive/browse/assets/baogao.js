// The pages work without this; it fills the card of the passage under the pointer.
"use strict";
(() => {
  const card = document.getElementById("here");
  if (!card) return;
  const fill = (id, words) => { document.getElementById(id).textContent = words; };
  let chosen = null;

  function show(passage) {
    const source = document.getElementById("source-" + passage.dataset.source);
    const anchor = passage.querySelector(".anchor");
    fill("here-number", anchor.textContent);
    fill("here-at", passage.dataset.at);
    fill("here-rules", passage.dataset.rules);
    const from = document.getElementById("here-source");
    from.textContent = source.dataset.host || passage.dataset.source;
    from.href = "#" + source.id;
    const agree = (passage.dataset.agree || "").split(" ").filter(Boolean)
      .map((id) => document.getElementById("witness-" + id)).filter(Boolean).map((item) => item.dataset.host);
    fill("here-agree", agree.join(", "));
    document.getElementById("here-agree").hidden = document.getElementById("here-agree-label").hidden = !agree.length;
    const trace = document.getElementById("here-trace");
    trace.hidden = card.dataset.trace.startsWith("#");
    trace.href = card.dataset.trace + passage.dataset.source + "/" + passage.dataset.passage;
    document.getElementById("here-link").href = anchor.href;
    fill("here-copied", "");
    card.hidden = false;
  }

  async function copy(words) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {  // not in a secure context, or not allowed: a selection can still be copied
      const box = document.body.appendChild(document.createElement("textarea"));
      box.value = words;
      box.select();
      document.execCommand("copy");
      box.remove();
    }
  }

  document.getElementById("here-copy").addEventListener("click", async (event) => {
    await copy(document.getElementById("here-link").href);
    fill("here-copied", event.target.dataset.done);
  });

  function passageOf(event) { return event.target.closest && event.target.closest(".passage"); }

  document.addEventListener("pointerover", (event) => {
    const passage = passageOf(event);
    if (passage && !chosen) show(passage);
  });
  document.addEventListener("focusin", (event) => {
    const passage = passageOf(event);
    if (passage) show(passage);
  });
  document.addEventListener("click", (event) => {
    const passage = passageOf(event);
    if (passage && event.target.matches(".anchor") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      location.hash = passage.id;
    }
    if (!passage || String(getSelection())) return;
    if (chosen) chosen.classList.remove("chosen");
    chosen = chosen === passage ? null : passage;
    if (chosen) { chosen.classList.add("chosen"); show(chosen); }
  });
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.matches(".passage")) show(target);
})();

// The coverage table and a chart open at the newest years.
for (const table of document.querySelectorAll(".newest")) table.scrollLeft = table.scrollWidth;

// The dense table says what the cell under the pointer or the focus is; arrow keys move between cells.
for (const dense of document.querySelectorAll(".dense")) {
  const says = document.getElementById("cell-says");
  const links = (row) => [...row.querySelectorAll("td a")];
  const cellOf = (event) => event.target.closest && event.target.closest(".dense td a");
  const stateOf = (cell) => dense.getAttribute("data-" + cell.className);
  const words = (cell) => {
    const place = cell.closest("tr").cells[0].title, year = new URL(cell.href).pathname.split("/").pop().slice(0, 4);
    return place + " " + year + " · " + stateOf(cell) + (cell.hasAttribute("data-altered") ? " · " + dense.dataset.also : "");
  };
  for (const row of dense.querySelectorAll("tbody tr")) links(row).slice(1).forEach((cell) => { cell.tabIndex = -1; });
  const show = (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    const found = words(cell);
    cell.title = found;
    says.textContent = found;
  };
  dense.addEventListener("pointerover", show);
  dense.addEventListener("focusin", show);
  dense.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const row = cell.closest("tr"), rows = [...row.parentElement.rows];
    const other = rows[rows.indexOf(row) + step[0]], column = cell.parentElement.cellIndex;
    let target = other && other.cells[column + step[1]];
    while (target && !target.firstElementChild) target = other.cells[target.cellIndex + (step[1] || 1)];
    if (target && target.cellIndex > 0) target.firstElementChild.focus();
  });
}

for (const line of document.querySelectorAll(".print")) {
  line.hidden = false;
  line.firstElementChild.addEventListener("click", () => print());
}

// A chart is saved as PNG: the SVG that the server makes of it, drawn twice as large.
for (const link of document.querySelectorAll("a[data-png]")) {
  link.parentElement.hidden = false;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * image.naturalWidth;
      canvas.height = 2 * image.naturalHeight;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => {
        const saved = document.createElement("a");
        saved.href = URL.createObjectURL(blob);
        saved.download = link.dataset.png;
        saved.click();
        setTimeout(() => URL.revokeObjectURL(saved.href), 1000);
      }, "image/png");
    };
    image.src = link.href;
  });
}

// Next and previous change or hit: buttons, and keys that can be turned off.
(() => {
  const wanted = "baogao-keys";
  const bars = [...document.querySelectorAll(".stepping")];
  const places = (bar) => [...document.querySelectorAll(bar.dataset.selector)].filter((one) => one.getClientRects().length);

  function step(bar, by) {
    const found = places(bar);
    if (!found.length) return;
    const last = found.indexOf(bar.stepped);
    const below = found.findIndex((one) => one.getBoundingClientRect().top > 0);
    const first = by > 0 ? (below < 0 ? 0 : below) : (below < 0 ? found.length : below) - 1;
    const at = ((last < 0 ? first : last + by) + found.length) % found.length;
    bar.stepped = found[at];
    for (const one of document.querySelectorAll(".stepped")) one.classList.remove("stepped");
    found[at].classList.add("stepped");
    if (!found[at].matches("a[href]")) found[at].tabIndex = -1;
    found[at].focus({ preventScroll: true });
    found[at].scrollIntoView({ block: "center" });
    bar.querySelector(".at").textContent = (at + 1) + " / " + found.length;
  }

  function refresh() { for (const bar of bars) bar.hidden = !places(bar).length; }
  for (const bar of bars) bar.addEventListener("click", (event) => {
    const by = event.target.dataset.step;
    if (by) step(bar, Number(by));
  });
  document.addEventListener("change", refresh);
  refresh();

  const keys = document.getElementById("keys");
  if (!keys) return;
  const on = document.getElementById("keys-on");
  try { on.checked = localStorage.getItem(wanted) !== "off"; } catch { /* no storage: on */ }
  on.addEventListener("change", () => { try { localStorage.setItem(wanted, on.checked ? "on" : "off"); } catch { /* for this page */ } });
  const open = document.getElementById("keys-open");
  open.hidden = false;
  open.querySelector("button").addEventListener("click", () => keys.showModal());
  document.getElementById("keys-close").addEventListener("click", () => keys.close());

  document.addEventListener("keydown", (event) => {
    if (!on.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || keys.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const bar = bars.find((one) => !one.hidden && [one.dataset.next, one.dataset.previous].includes(event.key));
    const to = { "/": "find-box", t: "text" }[event.key];
    const target = to && document.getElementById(to);
    if (bar) step(bar, event.key === bar.dataset.next ? 1 : -1);
    else if (event.key === "?") keys.showModal();
    else if (target) { target.focus(); target.scrollIntoView({ block: "start" }); }
    else return;
    event.preventDefault();
  });
})();
