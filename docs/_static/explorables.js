// The interactives: whichever control moves, the picture and the sentence follow.

function size(control) {
  return control.options ? control.options.length : Number(control.max) + 1;
}

function place(control) {
  return control.options ? control.selectedIndex : Number(control.value);
}

function shown(control) {
  return control.options
    ? control.options[control.selectedIndex].text
    : JSON.parse(control.dataset.shown)[control.value];
}

function start(box) {
  const { source, sentences, ways, said } = JSON.parse(box.querySelector("script").textContent);
  const controls = [...box.querySelectorAll("input, select")];
  const picture = box.querySelector("img");
  const sentence = box.querySelector(".explorable-sentence");
  const invitation = box.querySelector(".explorable-invitation");
  const name = box.getAttribute("aria-label");
  const kept = [];

  function keep() {
    // All pictures are fetched once somebody is about to play.
    if (!kept.length) {
      sentences.forEach((_, k) => {
        kept.push(new Image());
        kept[k].src = `${source}-${k}.webp`;
      });
    }
  }

  function follow() {
    const index = controls.reduce((sum, each) => sum * size(each) + place(each), 0);
    for (const slider of controls.filter((each) => !each.options)) {
      slider.setAttribute("aria-valuetext", shown(slider));
      slider.nextElementSibling.textContent = shown(slider);
    }
    const settings = controls.map((each) => `${each.labels[0].textContent} ${shown(each)}`);
    picture.src = `${source}-${index}.webp`;
    picture.alt = `${name}: ${settings.join(", ")}`;
    if (sentence.innerHTML !== sentences[index]) {
      sentence.innerHTML = sentences[index];
    }
    if (invitation.dataset.way !== String(said[index])) {
      invitation.dataset.way = said[index];
      invitation.innerHTML = ways[said[index]];
    }
  }

  box.addEventListener("input", follow);
  box.addEventListener("pointerenter", keep);
  box.addEventListener("focusin", keep);
  box.querySelector(".explorable-controls").hidden = false;
  follow();
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".explorable").forEach(start);
  // Pages that are opened from a folder have no server that could give out Python.
  document.querySelectorAll(".live").forEach((each) => {
    each.hidden = !location.protocol.startsWith("http");
  });
});
