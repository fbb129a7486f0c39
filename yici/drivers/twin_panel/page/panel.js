import { ask, desk, follow } from "/page/desk.js";
import { showScreen } from "/page/screen.js";
import { dress, switchLanguage, word, wordOr } from "/page/words.js";

// These devices have a view of their own, with a scene; every other one has a plain one.
const VIEWS = { id_card_reader: "reader", document_camera: "camera", receipt_printer: "printer" };
// Done at the scene, by a card or a paper.
const SCENE_ACTS = { id_card_reader: ["put_card", "take_card"], document_camera: ["lay_paper", "take_paper"] };
const MID_SLIP_ROWS = 400; // 5 cm
const byId = (id) => document.getElementById(id);
let choices = null;
let state = null;
let slips = [];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function portrait() {
  const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  box.setAttribute("viewBox", "0 0 30 36");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M1 1h28v34H1zM15 8a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11zM5 35c0-15 20-15 20 0");
  box.append(path);
  box.setAttribute("aria-hidden", "true");
  return box;
}

function fillCard(card, persona) {
  card.replaceChildren(
    make("b", { textContent: persona.name }), portrait(),
    make("code", { textContent: persona.masked_id_number }), make("small", { textContent: persona.note }),
  );
  card.title = persona.note;
}

function draggable(element, kind, key) {
  element.draggable = true;
  element.addEventListener("dragstart", (event) => event.dataTransfer.setData(`application/x-${kind}`, key));
}

function acceptDrops() {
  for (const scene of document.querySelectorAll("[data-drop]")) {
    const type = `application/x-${scene.dataset.drop}`;
    scene.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes(type)) return;
      event.preventDefault();
      scene.classList.add("over");
    });
    scene.addEventListener("dragleave", () => scene.classList.remove("over"));
    scene.addEventListener("drop", (event) => {
      event.preventDefault();
      scene.classList.remove("over");
      const key = event.dataTransfer.getData(type);
      if (key) scene.dataset.drop === "card" ? desk.putCard(key) : desk.laySample(key);
    });
  }
}

function buildTrays() {
  byId("cards").replaceChildren(...choices.personas.map((persona) => {
    const card = make("button", { type: "button", className: "id-card" });
    card.dataset.persona = persona.key;
    fillCard(card, persona);
    draggable(card, "card", persona.key);
    card.addEventListener("click", () =>
      state?.devices.id_card_reader.card?.key === persona.key ? desk.takeCard() : desk.putCard(persona.key));
    return card;
  }));
  const papers = choices.papers.map(({ key, title }) => {
    const name = make("span", { textContent: title });
    const paper = make("button", { type: "button" }, make("img", { src: `/papers/${key}.png`, alt: "" }), name);
    paper.dataset.paper = key;
    draggable(paper, "paper", key);
    paper.addEventListener("click", () =>
      state?.devices.document_camera.paper === key ? desk.takePaper() : desk.laySample(key));
    return paper;
  });
  const input = make("input", { type: "file", accept: "image/jpeg,image/png" });
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (file) {
      byId("laid-paper").dataset.own = URL.createObjectURL(file);
      desk.layPicture(file);
    }
    input.value = "";
  });
  const label = make("span", {});
  label.dataset.word = "own_picture";
  byId("papers").replaceChildren(...papers,
    make("label", { className: "pick" }, make("span", { textContent: "+" }), label, input));
}

function faultKey(kind, name) { return kind === "receipt_printer" ? `printer_${name}` : name; }

function setFault(kind, name) {
  const isSet = state.devices[kind].faults.includes(name);
  // a printer can have several faults at once, the others one
  if (kind === "receipt_printer") desk.setCondition(name, !isSet);
  else desk.setFault(kind, isSet ? "none" : name);
}

function sectionOf(kind) { return byId(VIEWS[kind] ?? `device-${kind}`); }

function buildOthers() {
  byId("others").replaceChildren(...Object.keys(choices.devices).filter((kind) => !VIEWS[kind]).map((kind) => {
    const title = make("h2"), faults = make("summary");
    title.dataset.word = kind;
    faults.dataset.word = "faults";
    const part = (tag, className, mark) => { const made = make(tag, { className }); made.dataset[mark] = ""; return made; };
    const cable = part("button", "plug", "cable");
    cable.type = "button";
    const section = make("section", { className: "device", id: `device-${kind}` },
      make("header", {}, title, part("p", "chip", "state"), cable), part("p", "say", "say"),
      part("div", "acts", "acts"), make("details", {}, faults, part("div", "switches", "faults")));
    section.dataset.device = kind;
    return section;
  }));
}

function buildSwitches() {
  for (const [kind, { faults, acts }] of Object.entries(choices.devices)) {
    const section = sectionOf(kind);
    const switches = faults.map((name) => toggle(faultKey(kind, name), () => setFault(kind, name), name));
    if (kind === "receipt_printer")
      switches.push(toggle("printer_mid_slip", () => desk.setCondition("paper_out", true, MID_SLIP_ROWS), "mid_slip"));
    section.querySelector("[data-faults]").replaceChildren(...switches);
    section.querySelector("[data-acts]").replaceChildren(
      ...acts.filter(({ name }) => !SCENE_ACTS[kind]?.includes(name)).map((act) => actForm(kind, act)));
  }
}

// One thing to do: a button, with its argument before it where it takes one.
function actForm(kind, { name, choices: offered, takes_text }) {
  const button = make("button", { type: "submit" });
  button.dataset.word = `act_${name}`;
  const form = make("form", {}, button);
  const argument = offered.length ? make("select", {}, ...offered.map((value) => {
    const option = make("option", { value });
    option.dataset.choice = value;
    return option;
  })) : takes_text ? make("input", { maxLength: 200, required: true }) : null;
  if (argument) {
    argument.dataset.label = `act_${name}`;
    form.prepend(argument);
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); desk.act(kind, name, argument?.value ?? ""); });
  return form;
}

// A card is called by its person, a paper by its title, anything else by itself.
function choiceWord(value) {
  const persona = choices.personas.find(({ key }) => key === value);
  const paper = choices.papers.find(({ key }) => key === value);
  return persona ? persona.name : paper ? wordOr(value, paper.title) : value;
}

function toggle(key, act, name) {
  const button = make("button", { type: "button" });
  button.dataset.word = key;
  button.dataset.name = name;
  button.addEventListener("click", act);
  return button;
}

function press(container, names) {
  for (const button of container.querySelectorAll("[data-name]"))
    button.setAttribute("aria-pressed", String(names.includes(button.dataset.name)));
}

// `device` has the state, `id` is its section. `troubles` are the words of what is wrong with it.
function showDevice(id, device, troubles, sentence) {
  const section = byId(id);
  const standing = !device.is_plugged_in ? "unplugged" : troubles.length ? "trouble" : "ready";
  section.classList.toggle("unplugged", standing === "unplugged");
  section.classList.toggle("trouble", standing === "trouble");
  const chip = section.querySelector("[data-state]");
  chip.textContent = standing === "trouble" ? troubles.map((key) => word(key)).join(" · ") : word(`state_${standing}`);
  chip.className = `chip ${{ unplugged: "off", trouble: "warn", ready: "" }[standing]}`;
  section.querySelector("[data-cable]").textContent = word(device.is_plugged_in ? "unplug" : "plug_in");
  section.querySelector("[data-say]").textContent = device.is_plugged_in ? sentence : word("cable_out");
}

function showReader({ id_card_reader: reader }) {
  const laid = byId("laid-card");
  if (reader.card) fillCard(laid, reader.card);
  laid.hidden = !reader.card;
  for (const card of byId("cards").children) card.classList.toggle("out", card.dataset.persona === reader.card?.key);
  press(byId("reader"), reader.faults);
  showDevice("reader", reader, reader.faults,
    reader.card ? word("reader_card", { name: reader.card.name }) : word("reader_empty"));
}

function showCamera({ document_camera: camera }) {
  const laid = byId("laid-paper");
  const source = camera.paper === "picture" ? laid.dataset.own : camera.paper && `/papers/${camera.paper}.png`;
  if (source && laid.getAttribute("src") !== source) laid.src = source;
  laid.hidden = !source;
  for (const paper of byId("papers").querySelectorAll("[data-paper]"))
    paper.setAttribute("aria-pressed", String(paper.dataset.paper === camera.paper));
  press(byId("camera"), camera.faults);
  const known = choices.papers.find(({ key }) => key === camera.paper);
  const title = known && wordOr(known.key, known.title);
  const sentence = title ? word("camera_paper", { title }) : word(camera.paper ? "camera_picture" : "camera_empty");
  showDevice("camera", camera, camera.faults, sentence);
}

async function showPrinter({ receipt_printer: printer }) {
  press(byId("printer"), printer.faults);
  const sentence = printer.uncut_height_px > 0 ? "printer_uncut" : printer.printed ? "printer_some" : "printer_none";
  showDevice("printer", printer, printer.faults.map((name) => `printer_${name}`), word(sentence));
  if (printer.printed !== slips.length) {
    slips = await (await ask("/api/slips")).json();
    byId("slips").replaceChildren(...slips.map((slip) => {
      const time = new Date(slip.printed_at).toLocaleTimeString("zh-CN", { hour12: false });
      const button = make("button", { type: "button" }, make("img", { src: slip.url, alt: "" }), make("time", { textContent: time }));
      button.addEventListener("click", () => enlarge(slip.url));
      return button;
    }));
  }
  const [newest] = slips;
  byId("hanging-slip").hidden = !newest;
  const image = byId("hanging-slip").firstElementChild;
  if (newest && image.getAttribute("src") !== newest.url) image.src = newest.url;
  byId("slip-count").textContent = slips.length ? word("slips_count", { count: slips.length }) : word("slips_none");
}

function enlarge(url) {
  byId("large").querySelector("img").src = url;
  byId("large").showModal();
}

function showOthers(devices) {
  for (const [kind, device] of Object.entries(devices)) {
    if (VIEWS[kind]) continue;
    const [act, ...argument] = device.last_act.split(" ");
    const done = act && [word(`act_${act}`), choiceWord(argument.join(" "))].filter(Boolean).join(": ");
    const printed = device.printed ? word("documents_count", { count: device.printed }) : "";
    press(sectionOf(kind), device.faults);
    showDevice(`device-${kind}`, device, device.faults, [done, printed].filter(Boolean).join(" · ") || word("nothing_done"));
  }
}

function showMissing(missing) {
  const lines = Object.entries(missing).map(([kind, why]) => make("li", { textContent: `${word(kind)}: ${why}` }));
  byId("missing").querySelector("ul").replaceChildren(...lines);
  byId("missing").hidden = lines.length === 0;
}

function show(newState) {
  state = newState;
  for (const [kind, id] of Object.entries(VIEWS)) byId(id).hidden = !state.devices[kind];
  if (state.devices.id_card_reader) showReader(state.devices);
  if (state.devices.document_camera) showCamera(state.devices);
  if (state.devices.receipt_printer) showPrinter(state.devices);
  showOthers(state.devices);
  showMissing(state.missing);
  showScreen(state.screen);
}

function setLive(isLive) {
  byId("connection").textContent = word(isLive ? "live" : "lost");
  byId("connection").className = isLive ? "chip" : "chip warn";
}

function dressAll() {
  dress();
  for (const paper of choices.papers)
    byId("papers").querySelector(`[data-paper=${paper.key}] span`).textContent = wordOr(paper.key, paper.title);
  for (const option of document.querySelectorAll("[data-choice]")) option.textContent = choiceWord(option.dataset.choice);
  byId("language").textContent = word("language");
  setLive(state !== null);
  if (state) show(state);
}

async function open() {
  choices = await (await ask("/api/choices")).json();
  buildOthers();
  buildTrays();
  buildSwitches();
  acceptDrops();
  byId("laid-card").addEventListener("click", desk.takeCard);
  byId("laid-paper").addEventListener("click", desk.takePaper);
  byId("hanging-slip").addEventListener("click", () => enlarge(slips[0].url));
  byId("language").addEventListener("click", () => { switchLanguage(); dressAll(); });
  for (const button of document.querySelectorAll("[data-cable]")) {
    const { device } = button.closest("[data-device]").dataset;
    button.addEventListener("click", () => desk.setCable(device, !state.devices[device].is_plugged_in));
  }
  dressAll();
  follow(show, setLive);
}

open();
