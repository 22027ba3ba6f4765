// SPDX-License-Identifier: MIT
// What makes tables easier to read. Without it all of them are there, in the order of the file.
"use strict";
const SEARCHED = 8;  // rows from which a table can be searched

const textOf = (row, column) => row.cells[column].textContent.trim();

// As a reader orders them: figures by value, what has none last.
function compare(a, b, sign) {
  const [x, y] = [a, b].map(text => /^[+-]?[\d.]/.test(text) ? parseFloat(text) : NaN);
  if (!isNaN(x) && !isNaN(y)) return sign * (x - y);
  if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
  return sign * a.localeCompare(b);
}

function sortBy(table, column) {
  const heads = table.tHead.rows[0].cells, head = heads[column];
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of heads) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compare(textOf(a, column), textOf(b, column), down ? -1 : 1));
  table.tBodies[0].append(...rows);
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(table, column));
    head.append(button);
  });
}

function labelled(text, control) {
  const label = document.createElement("label");
  label.append(text + " ", control);
  return label;
}

// A choice of the values of a column that has few of them.
function choiceOf(table, column) {
  const select = document.createElement("select");
  select.append(new Option("all", ""));
  for (const value of [...new Set([...table.tBodies[0].rows].map(row => textOf(row, column)))].sort())
    select.append(new Option(value, value));
  return select;
}

function makeSearchable(table) {
  const bar = document.createElement("div"), found = document.createElement("span");
  const words = document.createElement("input"), rows = [...table.tBodies[0].rows];
  const column = [...table.tHead.rows[0].cells].findIndex(head => head.textContent === "state");
  const state = column < 0 ? null : choiceOf(table, column);
  words.type = "search";
  found.setAttribute("role", "status");
  bar.className = "find";
  bar.append(labelled("search", words), ...(state ? [labelled("state", state)] : []), found);
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every(word => text.includes(word))
        || Boolean(state && state.value && textOf(row, column) !== state.value);
    }
    found.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} rows`;
  };
  bar.addEventListener("input", show);
  table.parentElement.before(bar);
}

// A link may lead into what is folded.
function unfold() {
  const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  for (let outer = place.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  place.hidden = false;
  place.scrollIntoView({block: "center"});
}

function showTips() {
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  const hide = () => { tip.hidden = true; };
  const show = target => {
    const link = target.closest && target.closest("[data-tip]");
    if (!link) return hide();
    const place = link.getBoundingClientRect();
    tip.textContent = link.dataset.tip;
    link.setAttribute("aria-describedby", "tip");
    tip.hidden = false;
    tip.style.left = `${Math.max(0, Math.min(place.left, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${place.bottom + tip.offsetHeight > innerHeight ? place.top - tip.offsetHeight : place.bottom}px`;
  };
  document.addEventListener("mouseover", event => show(event.target));
  document.addEventListener("focusin", event => show(event.target));
  document.addEventListener("scroll", () => show(document.activeElement), true);
  document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
}

for (const table of document.querySelectorAll("table")) {
  makeSortable(table);
  if (table.tBodies[0].rows.length >= SEARCHED) makeSearchable(table);
}
addEventListener("hashchange", unfold);
// A browser brings to a keyboard what is out of sight, but leaves what is seen in part.
document.addEventListener("focusin", ({target}) => {
  if (target.matches("a:focus-visible, button:focus-visible"))
    target.scrollIntoView({block: "nearest", inline: "nearest"});
});
showTips();
unfold();
