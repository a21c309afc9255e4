// What tests/browser.py adds to each page of JupyterLab: it listens, and it answers questions.
globalThis.course = {
  keys: [], // when a key was pressed, in milliseconds
  paints: [], // when a picture was painted
  pending: new Set(), // what widgets sent to the kernel and is not done
  ran: 0, // cells
  failed: false,
  complaints: [],

  get panel() {
    return jupyterapp.shell.currentWidget
  },
  get kernel() {
    return this.panel?.sessionContext?.session?.kernel
  },
  get cells() {
    return this.panel.content.widgets
  },
  get finished() {
    const code = ({ model: { type, sharedModel } }) => type === "code" && sharedModel.source.trim()
    return this.ran === this.cells.filter(code).length && this.kernel.status === "idle"
  },

  listen() {
    this.kernel.anyMessage.connect((_, { direction, msg: { header, parent_header, content } }) => {
      const type = header.msg_type
      if (direction === "send") {
        if (type === "comm_msg") this.pending.add(header.msg_id)
        return
      }
      if (content.execution_state === "idle") this.pending.delete(parent_header.msg_id)
      this.ran += type === "execute_input"
      // A callback's error or warning comes here too; Lab shows it in no cell.
      this.failed ||= type === "error"
      if (type === "error") this.complaints.push(content.traceback.join("\n"))
      // Lab may talk to a comm of its own, widget.control, before it has opened it.
      const early = content.text?.startsWith("No such comm")
      if (content.name === "stderr" && !early) this.complaints.push(content.text)
    })
  },

  // Milliseconds until a cell that is started now has run.
  async wait() {
    const start = performance.now()
    await this.kernel.requestExecute({ code: "", store_history: false }).done
    return performance.now() - start
  },

  // An interactive's name, from the text that stands for it where there is no kernel.
  name(box) {
    const { model } = this.cells.find(cell => cell.node.contains(box))
    return [model.outputs.toJSON().at(-1).data["text/plain"]].flat().join("").split(":")[0]
  },
  label(control) {
    const row = control.closest(".widget-inline-hbox, .widget-inline-vbox")
    return row?.querySelector("label")?.textContent || control.textContent
  },
  kind(control) {
    if (control.matches(".noUi-handle")) return "slider"
    if (control.matches("select, input")) return control.localName
    if (control.closest(".widget-play")) return "player"
    if (control.closest(".widget-toggle-buttons")) return "option"
    return control.matches(".widget-toggle-button") ? "toggle" : "button"
  },
  place(slider) {
    const [low, now, high] = ["Min", "Now", "Max"].map(name => Number(slider[`ariaValue${name}`]))
    return (now - low) / (high - low)
  },

  shown(box) {
    const sentence = box.querySelector(".initlib-sentence").textContent
    return [box.querySelector(".initlib-picture").src, sentence]
  },
  // The picture and the sentence, once nothing is on its way any more.
  async settled(box) {
    const limit = performance.now() + 60_000
    for (let before; this.pending.size || before !== this.shown(box).join(); ) {
      if (performance.now() > limit) throw Error("It still moves after a minute.")
      before = this.shown(box).join()
      await new Promise(resolve => setTimeout(resolve, 150))
    }
    const [picture, sentence] = this.shown(box)
    const bytes = await (await fetch(picture)).arrayBuffer()
    return [new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).join(), sentence]
  },
}

// Of a list that is unfolded the page hears only that its value has changed.
for (const type of ["keydown", "change"]) {
  addEventListener(type, event => course.keys.push(event.timeStamp), true)
}
// A picture is painted in the frame after it was loaded.
document.addEventListener("load", ({ target }) => {
  const painted = () => setTimeout(() => course.paints.push(performance.now()))
  if (target.classList?.contains("initlib-picture")) requestAnimationFrame(painted)
}, true)
