// The room's vote: the hands that are typed in beside the choices of a prediction are drawn as bars
// where it is settled. They are kept nowhere but on this page.

function boxes(name) {
  return [...document.querySelectorAll(`.vote[data-vote="${name}"] input`)];
}

function draw(name) {
  const counts = boxes(name).map((box) => Number(box.value));
  const most = Math.max(...counts);
  document.querySelectorAll(`.told[data-vote="${name}"] .bar`).forEach((bar, k) => {
    bar.hidden = !most;
    bar.textContent = counts[k];
    bar.style.width = `${(100 * counts[k]) / most}%`;
  });
}

document.addEventListener("input", (event) => {
  draw(event.target.closest(".vote").dataset.vote);
});

// Reveal leaves the keys alone while something is typed. Enter leads to the next box and, as Escape
// does, out of the last one; the keys of a remote control turn the page from there, too.
document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (!box.matches(".vote input")) {
    return;
  }
  const all = boxes(box.closest(".vote").dataset.vote);
  const next = all[all.indexOf(box) + 1];
  const keys = { Enter: () => next?.focus(), Escape() {}, PageDown: Reveal.next, PageUp: Reveal.prev };
  if (event.key in keys) {
    event.preventDefault();
    event.stopPropagation();
    box.blur();
    keys[event.key].call(Reveal);
  }
}, true);

// What stands on a slide that is not shown is not for the Tab key.
function tend() {
  const shown = Reveal.getCurrentSlide();
  document.querySelectorAll(".slides :is(a, .vote)").forEach((each) => {
    each.inert = !shown.contains(each);
  });
}

// C, as in count, leads to the first box of the slide that is shown.
Reveal.on("ready", () => {
  tend();
  Reveal.on("slidechanged", tend);
  Reveal.addKeyBinding({ keyCode: 67, key: "C", description: "Count the hands" }, () => {
    Reveal.getCurrentSlide().querySelector(".vote input")?.focus();
  });
});
