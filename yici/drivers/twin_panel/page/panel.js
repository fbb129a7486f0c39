import { ask, desk, follow } from "/page/desk.js";
import { showScreen } from "/page/screen.js";
import { dress, switchLanguage, word, wordOr } from "/page/words.js";

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
      state?.id_card_reader.card?.key === persona.key ? desk.takeCard() : desk.putCard(persona.key));
    return card;
  }));
  const papers = choices.papers.map(({ key, title }) => {
    const name = make("span", { textContent: title });
    const paper = make("button", { type: "button" }, make("img", { src: `/papers/${key}.png`, alt: "" }), name);
    paper.dataset.paper = key;
    draggable(paper, "paper", key);
    paper.addEventListener("click", () =>
      state?.document_camera.paper === key ? desk.takePaper() : desk.laySample(key));
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

function buildSwitches() {
  const faults = { reader: choices.reader_faults, camera: choices.camera_faults };
  for (const [id, names] of Object.entries(faults)) {
    const { device } = byId(id).dataset;
    byId(id).querySelector("[data-faults]").replaceChildren(...names.filter((name) => name !== "none")
      .map((name) => toggle(name, () => desk.setFault(device, state[device].fault === name ? "none" : name), name)));
  }
  const conditions = choices.printer_conditions.map((name) =>
    toggle(`printer_${name}`, () => desk.setCondition(name, !state.receipt_printer.conditions.includes(name)), name));
  conditions.push(toggle("printer_mid_slip", () => desk.setCondition("paper_out", true, MID_SLIP_ROWS), "mid_slip"));
  byId("conditions").replaceChildren(...conditions);
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

// `troubles` are the words of what is wrong with it.
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

function faultWords({ fault }) { return fault === "none" ? [] : [fault]; }

function showReader({ id_card_reader: reader }) {
  const laid = byId("laid-card");
  if (reader.card) fillCard(laid, reader.card);
  laid.hidden = !reader.card;
  for (const card of byId("cards").children) card.classList.toggle("out", card.dataset.persona === reader.card?.key);
  press(byId("reader"), [reader.fault]);
  showDevice("reader", reader, faultWords(reader),
    reader.card ? word("reader_card", { name: reader.card.name }) : word("reader_empty"));
}

function showCamera({ document_camera: camera }) {
  const laid = byId("laid-paper");
  const source = camera.paper === "picture" ? laid.dataset.own : camera.paper && `/papers/${camera.paper}.png`;
  if (source && laid.getAttribute("src") !== source) laid.src = source;
  laid.hidden = !source;
  for (const paper of byId("papers").querySelectorAll("[data-paper]"))
    paper.setAttribute("aria-pressed", String(paper.dataset.paper === camera.paper));
  press(byId("camera"), [camera.fault]);
  const known = choices.papers.find(({ key }) => key === camera.paper);
  const title = known && wordOr(known.key, known.title);
  const sentence = title ? word("camera_paper", { title }) : word(camera.paper ? "camera_picture" : "camera_empty");
  showDevice("camera", camera, faultWords(camera), sentence);
}

async function showPrinter({ receipt_printer: printer }) {
  press(byId("printer"), printer.conditions);
  const sentence = printer.uncut_height_px > 0 ? "printer_uncut" : printer.slips ? "printer_some" : "printer_none";
  showDevice("printer", printer, printer.conditions.map((name) => `printer_${name}`), word(sentence));
  if (printer.slips !== slips.length) {
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

function show(newState) {
  state = newState;
  showReader(state);
  showCamera(state);
  showPrinter(state);
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
  byId("language").textContent = word("language");
  setLive(state !== null);
  if (state) show(state);
}

async function open() {
  choices = await (await ask("/api/choices")).json();
  buildTrays();
  buildSwitches();
  acceptDrops();
  byId("laid-card").addEventListener("click", desk.takeCard);
  byId("laid-paper").addEventListener("click", desk.takePaper);
  byId("hanging-slip").addEventListener("click", () => enlarge(slips[0].url));
  byId("language").addEventListener("click", () => { switchLanguage(); dressAll(); });
  for (const button of document.querySelectorAll("[data-cable]")) {
    const { device } = button.closest("[data-device]").dataset;
    button.addEventListener("click", () => desk.setCable(device, !state[device].is_plugged_in));
  }
  dressAll();
  follow(show, setLive);
}

open();
