// What the browser tests add to each page of JupyterLab: it listens, and it answers questions.
globalThis.course = {
  patience: 600_000, // milliseconds until what does not end is given up: a guard, not a budget
  keys: [], // when a key was pressed, in milliseconds
  paints: [], // when a picture was painted
  pictures: 0, // that the kernel has sent
  sent: 0, // messages of widgets to the kernel
  pending: new Set(), // those of them that are not done
  ran: 0, // cells
  failed: false,
  complaints: [], // of the course
  overheard: [], // of others: shown beside a failure, and never one

  get panel() {
    return jupyterapp.shell.currentWidget
  },
  get kernel() {
    return this.panel?.sessionContext?.session?.kernel
  },
  get cells() {
    return this.panel.content.widgets
  },
  get ready() {
    const { context, sessionContext } = this.panel ?? {}
    return context?.isReady && sessionContext?.isReady && this.kernel?.status === "idle"
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
        this.sent += type === "comm_msg"
        return
      }
      if (content.execution_state === "idle") this.pending.delete(parent_header.msg_id)
      this.pictures += type === "comm_msg" && String(content.data.buffer_paths) === "value"
      this.ran += type === "execute_input"
      // A callback's error or warning comes here too; Lab shows it in no cell.
      this.failed ||= type === "error"
      if (type === "error") this.complaints.push(content.traceback.join("\n"))
      // On stderr others speak too. What comes of the course names a file of it, or a cell.
      const ours = /[\\/]initlib[\\/]|[\\/]ipykernel_\d+[\\/]/.test(content.text)
      if (content.name === "stderr") this[ours ? "complaints" : "overheard"].push(content.text)
    })
  },
  // What stands in place of widgets.
  get placeholders() {
    const texts = [...document.querySelectorAll(".jp-OutputArea-output")].map(o => o.textContent)
    return {
      loading: texts.filter(text => text === "Loading widget..."),
      missing: texts.filter(text => text.startsWith("Error displaying widget")),
      failed: document.querySelectorAll(".jupyter-widgets-error-widget").length,
    }
  },

  async until(condition, what, pause = 10) {
    for (const limit = performance.now() + this.patience; !condition(); ) {
      if (performance.now() > limit) throw Error(`${what}, for minutes.`)
      await new Promise(resolve => setTimeout(resolve, pause))
    }
  },
  // Milliseconds until a cell that is started now has run.
  async wait() {
    const start = performance.now()
    let end
    const { done } = this.kernel.requestExecute({ code: "", store_history: false })
    done.then(() => (end = performance.now()))
    await this.until(() => end, "The kernel answers no cell")
    return end - start
  },
  // Until the kernel has done and told all that widgets and cells have asked.
  async quiet() {
    for (let before; before !== this.sent || this.pending.size; ) {
      before = this.sent
      await this.until(() => !this.pending.size, "A callback is at work")
      await this.wait()
    }
  },
  // Until all that the cells show is there.
  async displayed() {
    await this.quiet()
    await this.until(() => !this.placeholders.loading.length, "A widget is on its way")
  },
  // Run again the cell that has this in its source.
  async run(source) {
    const sources = this.cells.map(({ model }) => model.type === "code" && model.sharedModel.source)
    this.panel.content.activeCellIndex = sources.findIndex(each => each && each.includes(source))
    await jupyterapp.commands.execute("notebook:run-cell")
    await this.quiet()
  },
  // Run more code in a cell of its own below the one that holds a box.
  async below(box, source) {
    const { content } = this.panel
    const index = this.cells.findIndex(cell => cell.node.contains(box)) + 1
    content.model.sharedModel.insertCell(index, { cell_type: "code", source, metadata: {} })
    content.activeCellIndex = index
    await jupyterapp.commands.execute("notebook:run-cell")
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

  // What is cut off, lies over the next line, or is too narrow for a finger.
  cramped(box) {
    const narrow = [...box.querySelectorAll(".widget-hslider .slider-container")]
      .filter(({ clientWidth }) => clientWidth < 80)
    const cut = [...box.querySelectorAll(".widget-label, .widget-readout, .jupyter-button")]
      .filter(({ scrollWidth, clientWidth }) => clientWidth && scrollWidth > clientWidth + 1)
    const laid = [...box.querySelectorAll(".widget-radio-box label")]
      .filter(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1)
    const edge = part => part.getBoundingClientRect().right
    const over = [...box.querySelectorAll(".initlib-picture")]
      .filter(picture => edge(picture) > edge(picture.parentElement))
    return [...narrow, ...cut, ...laid, ...over].map(part => `${part.className}: ${this.label(part)}`)
  },

  shown(box) {
    const sentence = box.querySelector(".initlib-sentence").textContent
    return [box.querySelector(".initlib-picture").src, sentence]
  },
  // The picture and the sentence, once nothing is on its way any more.
  async settled(box) {
    const limit = performance.now() + this.patience
    for (let before; before !== this.shown(box).join(); ) {
      if (performance.now() > limit) throw Error("It still moves after minutes.")
      before = this.shown(box).join()
      await new Promise(resolve => setTimeout(resolve, 150))
      await this.quiet()
    }
    const [picture, sentence] = this.shown(box)
    const bytes = await (await fetch(picture)).arrayBuffer()
    return [new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).join(), sentence]
  },

  // Milliseconds from the last key to the picture that it brought; null if it brought none.
  mark() {
    this.marked = { paints: this.paints.length, pictures: this.pictures }
  },
  async repainted() {
    const { paints, pictures } = this.marked
    await this.until(() => !this.pending.size, "A callback is at work")
    if (this.pictures === pictures) return null
    await this.until(() => this.paints.length > paints, "A picture is not painted")
    return this.paints[paints] - this.keys.at(-1)
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
